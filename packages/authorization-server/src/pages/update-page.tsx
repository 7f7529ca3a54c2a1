import { type Increase, type LimitKind, limitTable } from '@aipassport/policy';
import type { Grant, OpenRequests } from '@aipassport/store/authorization';
import { listAskedUpstreams } from '../interaction/list-key-states.js';
import { limitWords } from '../limits/limit-words.js';
import { exactly } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { DecisionButtons, type RequestPageProps, UpdateButton } from './consent-page.js';
import { Permissions } from './grant-parts.js';
import { GrantUsage } from './grant-usage.js';
import { Introduction } from './introduction.js';
import { renderPage } from './layout.js';
import { LifetimeFields } from './lifetime-fields.js';
import { LimitInput } from './limit-fields.js';
import { ErrorSummary, FieldProblem, Time } from './parts.js';
import { RequestKeys } from './request-keys.js';
import { Text } from './text.js';
import { TokenChoice } from './token-choice.js';

interface UpdatePageProps extends RequestPageProps {
  /** Why the client asks, in its own words. */
  readonly reason: string | undefined;
  readonly grant: Grant;
  readonly open: readonly OpenRequests[];
  readonly increase: Increase;
  readonly now: Date;
}

/** The page for a client that asks for more than its grant allows. It shows the difference and the present grant. */
export function renderUpdatePage(props: UpdatePageProps): string {
  const { stylesheet, texts, csrfToken, requestHash, action, email, increase, problems, grant } = props;
  return renderPage({
    stylesheet,
    passkeyScript: props.passkeyScript,
    texts,
    title: texts('consent.moreTitle'),
    children: (
      <article class="consent">
        <Introduction {...props} wish="consent.wishMore" />
        <ErrorSummary problems={problems} />
        <form method="post" action={action} noValidate>
          <UpdateButton />
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <input type="hidden" name="request_hash" value={requestHash} />
          <NewTokens {...props} />
          <Raised {...props} />
          {increase.lifetimeSeconds !== undefined && <LifetimeFields {...props} />}
          <RequestKeys {...props} asked={listAskedUpstreams({ tokens: increase.newTokens, choosable: [] })} />
          <Confirmation problems={problems} keepsForm />
          {isNothing(increase) && <p>{texts('consent.nothingNew')}</p>}
          <DecisionButtons>{texts('consent.allow')}</DecisionButtons>
        </form>
        <details>
          <summary>{texts('consent.present')}</summary>
          <Permissions {...props} />
          <dl>
            <GrantUsage {...props} />
            <dt>{texts('apps.expires')}</dt>
            <dd>
              <Time at={grant.expiresAt} timeZone={props.timeZone} />
            </dd>
          </dl>
        </details>
        <p class="aside">
          <Text id="consent.moreFooter" email={email} em={<em />} />
        </p>
      </article>
    ),
  });
}

function isNothing({ newTokens, raised, lifetimeSeconds }: Increase): boolean {
  return newTokens.length === 0 && raised.length === 0 && lifetimeSeconds === undefined;
}

function NewTokens({ texts, increase: { newTokens }, fields: { tickedTokens }, upstreams, problems }: UpdatePageProps) {
  const choice = { choosable: [], tickedTokens, servedUpstreams: [], upstreams, problems };
  const models = newTokens.filter(({ kind }) => kind !== 'capability');
  const capabilities = newTokens.filter(({ kind }) => kind === 'capability');
  return (
    <>
      {models.length > 0 && (
        <TokenChoice id="models" legend={texts('consent.moreModels')} tokens={models} {...choice} />
      )}
      {capabilities.length > 0 && (
        <TokenChoice id="capabilities" legend={texts('consent.moreCapabilities')} tokens={capabilities} {...choice} />
      )}
    </>
  );
}

function Raised(props: UpdatePageProps) {
  const { raised } = props.increase;
  if (raised.length === 0) return null;
  return (
    <fieldset class="limits">
      <legend>{props.texts('consent.moreLimits')}</legend>
      <div class="grid">
        {raised.map((kind) => (
          <RaisedLimit key={kind} kind={kind} {...props} />
        ))}
      </div>
    </fieldset>
  );
}

/** One limit that the request raises: `$2.00 more: $5.00 in total`. */
function RaisedLimit({
  texts,
  kind,
  grant,
  increase,
  fields,
  problems,
}: UpdatePageProps & { readonly kind: LimitKind }) {
  const { member } = limitTable[kind];
  const { label, value } = limitWords[kind];
  const [present, asked] = [grant.limits[kind], increase.limits[kind]];
  if (present === undefined || asked === undefined) return null;
  const more = typeof asked === 'bigint' ? asked - BigInt(present) : asked - Number(present);
  return (
    <div>
      <p id={`${member}-more`}>
        <strong>
          {texts('consent.raisedBy', { more: exactly(more), value: texts(value, { limit: exactly(asked) }) })}
        </strong>
      </p>
      <label for={member}>{texts(label)}</label>
      <LimitInput kind={kind} text={fields.limits[kind]} problems={problems} hasHint />
      <FieldProblem problems={problems} field={member} />
      <small id={`${member}-hint`}>{texts('limits.canLower')}</small>
    </div>
  );
}
