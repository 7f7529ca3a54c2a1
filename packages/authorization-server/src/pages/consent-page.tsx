import type { AccessRequest, ScopeToken } from '@aipassport/policy';
import type { AccountLimit, ExistingAccess, Grant, OpenRequests, OtherAppsCost } from '@aipassport/store/authorization';
import { listAskedUpstreams } from '../interaction/list-key-states.js';
import { listOffered } from '../interaction/list-offered.js';
import { listNewTokens } from '../interaction/propose-again.js';
import { Choice, ChosenEnd, Definitions, Summary } from './consent-summary.js';
import { type RequestPageProps, renderDecisionPage } from './decision-page.js';
import { ExistingAccessChoice } from './existing-access.js';
import { LifetimeFields } from './lifetime-fields.js';
import { MoreLimits, rareLimits } from './limit-fields.js';
import { NewTokens } from './new-tokens.js';
import { Time } from './parts.js';
import { RequestKeys } from './request-keys.js';
import { SpendingFields } from './spending-fields.js';
import { Text, useTexts } from './text.js';
import { TokenChoice } from './token-choice.js';

interface ConsentPageProps extends RequestPageProps {
  readonly request: AccessRequest;
  /** The amounts to choose from. */
  readonly amounts: readonly bigint[];
  /** The grant whose terms the request replaces; undefined for a new grant. */
  readonly replaced: Grant | undefined;
  /** The access that the app has already; undefined when it has none, or when the request changes it. */
  readonly existing: ExistingAccess | undefined;
  /** The owner's requests in progress. */
  readonly open: readonly OpenRequests[];
  readonly wantsAnother: boolean;
  /** The limit on the spending of all apps together; undefined when there is none. */
  readonly accountLimit: AccountLimit | undefined;
  /** What the owner's other apps can still spend this month. */
  readonly otherApps: OtherAppsCost;
}

export function renderConsentPage(props: ConsentPageProps): string {
  const { texts, request, summary, replaced, existing, timeZone } = props;
  const added = existing === undefined ? [] : listNewTokens(request, existing);
  return renderDecisionPage({
    ...props,
    title: texts('consent.title'),
    wish: replaced === undefined ? 'consent.wish' : 'consent.wishReplace',
    reason: request.reason,
    about: replaced !== undefined && <Replacement grant={replaced} timeZone={timeZone} />,
    form: (
      <>
        {existing !== undefined && <ExistingAccessChoice {...props} existing={existing} />}
        <Summary {...summary} />
        <NewTokens {...props} prefix="new-" added={added} />
        <SpendingFields {...props} />
        <Lifetime {...props} />
        <Permissions {...props} added={added} />
        <RequestKeys
          {...props}
          asked={listAskedUpstreams({ tokens: request.tokens, choosable: listChoosable(props) })}
        />
        <RareLimits {...props} />
        <Remember {...props} />
      </>
    ),
    footer: 'consent.footer',
  });
}

/**
 * The choice of when the access ends. If the app already has access, only one line is shown until the owner opens it,
 * unless the choice has a problem or is a date.
 */
function Lifetime(props: ConsentPageProps) {
  const { existing, fields, problems, texts } = props;
  const hasProblem = problems.some(({ field }) => field === 'expires_on' || field === 'lifetime');
  const lifetime = <LifetimeFields {...props} asked={props.request.lifetimeSeconds} />;
  if (existing === undefined || hasProblem || fields.expiresIn === 'date') return lifetime;
  return (
    <details class="line">
      <summary>
        <b>{texts('limits.accessEnds')}</b> <ChosenEnd {...props.summary} />
        <small>{texts('summary.change')}</small>
      </summary>
      {lifetime}
    </details>
  );
}

function listChoosable({ request, fields, ...props }: ConsentPageProps): readonly ScopeToken[] {
  return listOffered(request, { ...props, tickedTokens: fields.tickedTokens });
}

/** The models and capabilities that are not listed as new. While the list is closed, one line sums it up. */
function Permissions(props: PermissionsProps) {
  const { fields, problems, keyStates, upstreams, summary, texts, added } = props;
  const { tokens } = props.request;
  const choosable = listChoosable(props);
  const request = { tokens: tokens.filter((token) => !added.includes(token)), choosable };
  const servedUpstreams = keyStates.filter(({ kind }) => kind !== 'missing').map(({ upstream }) => upstream);
  const choice = { tickedTokens: fields.tickedTokens, servedUpstreams, upstreams, problems };
  const models = pick(request, ({ kind }) => kind !== 'capability');
  const capabilities = pick(request, ({ kind }) => kind === 'capability');
  const hasProblem = problems.some(({ field }) => field === 'models' || field === 'capabilities');
  return (
    <details class="line" open={hasProblem || summary.considered.outcome !== 'terms'}>
      <summary>
        <b>{texts('summary.models')}</b> <Choice {...summary} />
        <small>{texts('summary.change')}</small>
      </summary>
      <TokenChoice id="models" legend={texts('consent.models')} {...models} {...choice} />
      <TokenChoice id="capabilities" legend={texts('consent.capabilities')} {...capabilities} {...choice} />
      <Definitions {...summary} />
    </details>
  );
}

type PermissionsProps = ConsentPageProps & {
  /** The tokens that the page shows elsewhere, because they are new. */
  readonly added: readonly ScopeToken[];
};

/**
 * Whether the amount and the length of time are filled in for other apps. It is the last choice, because it does not
 * change what this app may do. The choices about this app fit on one screen of a phone.
 */
function Remember({ fields }: Pick<ConsentPageProps, 'fields'>) {
  const texts = useTexts();
  return (
    <label class="remember">
      <input type="checkbox" name="remember" value="on" checked={fields.remembers} />
      {texts('spending.remember')}
    </label>
  );
}

/** All limits besides the total spending limit. */
function RareLimits({ fields, request, problems }: ConsentPageProps) {
  return (
    <div class="limits line">
      <MoreLimits kinds={rareLimits} isOpen={false} texts={fields.limits} asked={request.limits} problems={problems} />
    </div>
  );
}

function pick({ tokens, choosable }: Asked, isPicked: (token: ScopeToken) => boolean): Asked {
  return { tokens: tokens.filter(isPicked), choosable: choosable.filter(isPicked) };
}

type Asked = Pick<AccessRequest, 'tokens' | 'choosable'>;

/** Says that the request replaces the terms of a grant, and that the grant's usage so far stays counted. */
function Replacement({ grant, timeZone }: { readonly grant: Grant; readonly timeZone: string }) {
  const { usage, createdAt } = grant;
  return (
    <p>
      <Text
        id="consent.replaces"
        time={<Time at={createdAt} timeZone={timeZone} />}
        spent={usage.spent}
        count={usage.requests}
      />
    </p>
  );
}
