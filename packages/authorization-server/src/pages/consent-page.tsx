import { type AccessRequest, describeScopeToken, limitBounds, type ScopeToken } from '@aipassport/policy';
import { renderPage } from './layout.js';
import { ErrorSummary, FieldProblem, ForeignText, invalidity, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

/** What is in the form's fields: as asked for at first, and as the owner left it when it is shown again. */
export interface ConsentFields {
  readonly tickedTokens: readonly string[];
  readonly maxRequests: string;
  readonly maxRequestsPerMinute: string;
  /** Seconds, or `date`. */
  readonly expiresIn: string;
  readonly expiresOn: string;
}

export interface LifetimeChoice {
  readonly seconds: number;
  readonly text: string;
}

interface ConsentPageProps {
  readonly stylesheet: Stylesheet;
  readonly csrfToken: string;
  readonly requestHash: string;
  readonly action: string;
  readonly email: string;
  readonly clientName: string;
  /** Where the browser is sent afterwards, as people read it. */
  readonly destination: string;
  readonly isVouchedFor: boolean;
  readonly request: AccessRequest;
  readonly lifetimes: readonly LifetimeChoice[];
  /** YYYY-MM-DD: the first and the last day that can be chosen. */
  readonly firstDay: string;
  readonly lastDay: string;
  readonly fields: ConsentFields;
  readonly problems: readonly Problem[];
}

export function renderConsentPage(props: ConsentPageProps): string {
  const { stylesheet, csrfToken, requestHash, action, request, fields, problems, email } = props;
  const models = request.tokens.filter(({ kind }) => kind !== 'capability');
  const capabilities = request.tokens.filter(({ kind }) => kind === 'capability');
  return renderPage({
    stylesheet,
    title: 'Allow access?',
    children: (
      <article class="consent">
        <Introduction {...props} />
        <ErrorSummary problems={problems} />
        <form method="post" action={action}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <input type="hidden" name="request_hash" value={requestHash} />
          <TokenChoice id="models" legend="Which models" tokens={models} fields={fields} />
          <TokenChoice id="capabilities" legend="What it may do" tokens={capabilities} fields={fields} />
          <Limits {...props} />
          <Lifetime {...props} />
          <div class="button-row">
            <button type="submit" name="decision" value="deny" class="secondary outline" formNoValidate>
              Deny
            </button>
            <button type="submit" name="decision" value="allow">
              Allow
            </button>
          </div>
          <p class="aside">
            Signed in as {email}. You can take this back at any time, at once, under <em>Grants</em>. Your keys are
            never shown to the app.
          </p>
        </form>
      </article>
    ),
  });
}

function Introduction({ clientName, destination, isVouchedFor, request }: ConsentPageProps) {
  return (
    <>
      <h1>
        <ForeignText>{clientName}</ForeignText> asks to use your AI
      </h1>
      <p class="destination">
        Afterwards you are sent to{' '}
        <strong>
          <ForeignText>{destination}</ForeignText>
        </strong>
        {!isVouchedFor && (
          <small>The app chose its name itself. Go on only if you know this address and came from there.</small>
        )}
      </p>
      {request.reason !== undefined && (
        <figure class="reason">
          <figcaption>The app’s own words:</figcaption>
          <blockquote>
            <ForeignText>{request.reason}</ForeignText>
          </blockquote>
        </figure>
      )}
    </>
  );
}

interface TokenChoiceProps {
  readonly id: string;
  readonly legend: string;
  readonly tokens: readonly ScopeToken[];
  readonly fields: ConsentFields;
}

function TokenChoice({ id, legend, tokens, fields }: TokenChoiceProps) {
  return (
    <fieldset id={id} class="choices">
      <legend>{legend}</legend>
      {tokens.map((token, index) => {
        const { title, warning } = describeScopeToken(token);
        const warningId = `${id}-${index}-warning`;
        return (
          <div class="choice" key={token.text}>
            <label>
              <input
                type="checkbox"
                name="scope"
                value={token.text}
                checked={fields.tickedTokens.includes(token.text)}
                aria-describedby={warning === undefined ? undefined : warningId}
              />
              <span>{title}</span>
            </label>
            {warning !== undefined && (
              <small id={warningId} class="warning">
                {warning}
              </small>
            )}
          </div>
        );
      })}
    </fieldset>
  );
}

function Limits({ request, fields, problems }: ConsentPageProps) {
  const { maxRequests, maxRequestsPerMinute } = request.limits;
  return (
    <fieldset class="limits">
      <legend>How much</legend>
      <div class="grid">
        <LimitField
          id="max_requests"
          label="Requests in all"
          asked={maxRequests}
          most={limitBounds.maxRequests}
          value={fields.maxRequests}
          problems={problems}
        />
        <LimitField
          id="max_requests_per_minute"
          label="Requests per minute"
          asked={maxRequestsPerMinute}
          most={limitBounds.maxRequestsPerMinute}
          value={fields.maxRequestsPerMinute}
          problems={problems}
        />
      </div>
    </fieldset>
  );
}

interface LimitFieldProps {
  readonly id: string;
  readonly label: string;
  readonly asked: number | undefined;
  readonly most: number;
  readonly value: string;
  readonly problems: readonly Problem[];
}

function LimitField({ id, label, asked, most, value, problems }: LimitFieldProps) {
  const hint = asked === undefined ? 'Empty means no limit' : `The app asks for ${asked}; you may lower it`;
  return (
    <div>
      <label for={id}>{label}</label>
      <input
        id={id}
        name={id}
        type="number"
        inputMode="numeric"
        min={1}
        max={asked ?? most}
        required={asked !== undefined}
        placeholder="No limit"
        value={value}
        {...invalidity(problems, id)}
      />
      <FieldProblem problems={problems} field={id} />
      <small>{hint}</small>
    </div>
  );
}

function Lifetime({ lifetimes, fields, firstDay, lastDay, problems }: ConsentPageProps) {
  return (
    <fieldset class="lifetime" id="lifetime">
      <legend>For how long</legend>
      {lifetimes.map(({ seconds, text }) => (
        <label key={seconds}>
          <input
            type="radio"
            name="expires_in"
            value={String(seconds)}
            checked={fields.expiresIn === String(seconds)}
            required
          />
          {text}
        </label>
      ))}
      {lastDay >= firstDay && (
        <div class="until-date">
          <label>
            <input type="radio" name="expires_in" value="date" checked={fields.expiresIn === 'date'} required />
            Until the end of a day (UTC)
          </label>
          <input
            id="expires_on"
            name="expires_on"
            type="date"
            aria-label="Last day"
            min={firstDay}
            max={lastDay}
            value={fields.expiresOn}
            {...invalidity(problems, 'expires_on')}
          />
        </div>
      )}
      <FieldProblem problems={problems} field="expires_on" />
    </fieldset>
  );
}
