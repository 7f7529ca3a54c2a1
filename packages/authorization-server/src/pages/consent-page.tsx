import {
  type AccessRequest,
  formatUsd,
  type ScopeToken,
  type Upstream,
  type UpstreamCatalogue,
} from '@aipassport/policy';
import type { AccountLimit, Grant } from '@aipassport/store/authorization';
import { describeDestination } from '../describe-destination.js';
import { formatUserCode } from '../device/user-codes.js';
import type { ClientLink } from '../interaction/client-links.js';
import { formatCount } from '../limits/describe-limit.js';
import type { DayRange, LifetimeChoice } from '../limits/lifetime-choices.js';
import type { LimitTexts } from '../limits/limit-texts.js';
import type { ChosenExpiry } from '../limits/read-expiry.js';
import type { Destination } from '../oidc/interactions.js';
import { ClientLinks } from './client-links.js';
import { Confirmation } from './confirmation.js';
import { renderPage } from './layout.js';
import { LifetimeFields } from './lifetime-fields.js';
import { LimitFields } from './limit-fields.js';
import { ErrorSummary, ForeignText, type Problem, Time } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { TokenChoice } from './token-choice.js';

/**
 * The contents of the form's fields. At first they are the values that the client asked for. When the form is shown
 * again, they are the owner's values.
 */
export interface ConsentFields extends ChosenExpiry {
  readonly tickedTokens: readonly string[];
  readonly limits: LimitTexts;
}

/** What every page for a decision shows of the request and its client. */
export interface RequestPageProps {
  readonly stylesheet: Stylesheet;
  readonly csrfToken: string;
  readonly requestHash: string;
  readonly action: string;
  readonly email: string;
  readonly timeZone: string;
  readonly clientName: string;
  readonly destination: Destination;
  readonly isVouchedFor: boolean;
  /** The host that publishes the client's metadata; undefined for a client that is registered here. */
  readonly identifierHost: string | undefined;
  readonly links: readonly ClientLink[];
  readonly lifetimes: readonly LifetimeChoice[];
  readonly days: DayRange;
  readonly upstreams: UpstreamCatalogue;
  readonly fields: ConsentFields;
  readonly problems: readonly Problem[];
}

interface ConsentPageProps extends RequestPageProps {
  readonly request: AccessRequest;
  /** The grant whose terms the request replaces; undefined for a new grant. */
  readonly replaced: Grant | undefined;
  /** The AI providers that can serve this owner. */
  readonly servedUpstreams: readonly Upstream[];
  /** The limit on the spending of all apps together; undefined when there is none. */
  readonly accountLimit: AccountLimit | undefined;
}

export function renderConsentPage(props: ConsentPageProps): string {
  const { stylesheet, csrfToken, requestHash, action, request, fields, problems, email, accountLimit } = props;
  const { servedUpstreams, upstreams, replaced, timeZone } = props;
  const choice = { tickedTokens: fields.tickedTokens, servedUpstreams, upstreams, problems };
  const models = pick(request, ({ kind }) => kind !== 'capability');
  const capabilities = pick(request, ({ kind }) => kind === 'capability');
  return renderPage({
    stylesheet,
    title: 'Allow access?',
    children: (
      <article class="consent">
        <Introduction
          {...props}
          wish={replaced === undefined ? 'asks to use your AI' : 'asks for other access'}
          reason={request.reason}
        />
        {replaced !== undefined && <Replacement grant={replaced} timeZone={timeZone} />}
        <ErrorSummary problems={problems} />
        <form method="post" action={action} noValidate>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <input type="hidden" name="request_hash" value={requestHash} />
          <TokenChoice id="models" legend="Which models" {...models} {...choice} />
          <TokenChoice id="capabilities" legend="What it may do" {...capabilities} {...choice} />
          <LimitFields texts={fields.limits} asked={request.limits} problems={problems}>
            {accountLimit && (
              <p class="aside">
                All apps together may spend {formatUsd(accountLimit.maxCostPerMonth)} a month;{' '}
                {formatUsd(accountLimit.monthCost)} of this month’s is used.
              </p>
            )}
          </LimitFields>
          <LifetimeFields {...props} />
          <Confirmation problems={problems} />
          <Decision email={email} />
        </form>
      </article>
    ),
  });
}

function Decision({ email }: Pick<ConsentPageProps, 'email'>) {
  return (
    <>
      <DecisionButtons />
      <p class="aside">
        Signed in as {email}. You can take this back at any time, at once, under <em>Grants</em>. Your keys are never
        shown to the app.
      </p>
    </>
  );
}

export function DecisionButtons() {
  return (
    <div class="button-row">
      <button type="submit" name="decision" value="deny" class="secondary outline">
        Deny
      </button>
      <button type="submit" name="decision" value="allow">
        Allow
      </button>
    </div>
  );
}

function pick({ tokens, choosable }: AccessRequest, isPicked: (token: ScopeToken) => boolean) {
  return { tokens: tokens.filter(isPicked), choosable: choosable.filter(isPicked) };
}

interface TerminalWarningProps {
  readonly userCode: string;
  readonly isVouchedFor: boolean;
}

/** RFC 8628 section 5.4: the owner must be able to tell their own terminal from another person's. */
function TerminalWarning({ userCode, isVouchedFor }: TerminalWarningProps) {
  return (
    <div class="destination">
      <p>
        It runs in the terminal that shows the code <strong class="user-code">{formatUserCode(userCode)}</strong>
      </p>
      <p class="warning">
        Only continue if you started this on your own terminal, and it shows this code. If somebody sent you the code or
        a link, choose Deny: they would get to use your AI.
        {!isVouchedFor && ' The app chose its name itself.'}
      </p>
    </div>
  );
}

interface IntroductionProps
  extends Pick<ConsentPageProps, 'clientName' | 'destination' | 'isVouchedFor' | 'identifierHost' | 'links'> {
  /** The text after the client's name in the heading. */
  readonly wish: string;
  /** Why the client asks, in its own words. */
  readonly reason: string | undefined;
}

/** Who asks, where the browser goes afterwards, and why the client asks. */
export function Introduction({
  clientName,
  destination,
  isVouchedFor,
  identifierHost,
  links,
  wish,
  reason,
}: IntroductionProps) {
  return (
    <>
      <h1>
        <ForeignText>{clientName}</ForeignText> {wish}
      </h1>
      {identifierHost !== undefined && (
        <p class="destination">
          The app is published by{' '}
          <strong>
            <ForeignText>{identifierHost}</ForeignText>
          </strong>
        </p>
      )}
      {destination.kind === 'redirect' ? (
        <p class="destination">
          Afterwards you are sent to{' '}
          <strong>
            <ForeignText>{describeDestination(destination.redirectUri)}</ForeignText>
          </strong>
          {!isVouchedFor && (
            <small>The app chose its name itself. Go on only if you know this address and came from there.</small>
          )}
        </p>
      ) : (
        <TerminalWarning userCode={destination.userCode} isVouchedFor={isVouchedFor} />
      )}
      <ClientLinks links={links} />
      {reason !== undefined && (
        <figure class="reason">
          <figcaption>The app’s own words:</figcaption>
          <blockquote>
            <ForeignText>{reason}</ForeignText>
          </blockquote>
        </figure>
      )}
    </>
  );
}

/** Says that the request replaces the terms of a grant, and that its usage stays counted. */
function Replacement({ grant, timeZone }: { readonly grant: Grant; readonly timeZone: string }) {
  const { usage, createdAt } = grant;
  return (
    <p>
      This replaces what you allow the app since <Time at={createdAt} timeZone={timeZone} />. What it has used stays
      counted: {formatUsd(usage.spent)} and {formatCount(usage.requests)}{' '}
      {usage.requests === 1 ? 'request' : 'requests'}. If you deny, nothing changes.
    </p>
  );
}
