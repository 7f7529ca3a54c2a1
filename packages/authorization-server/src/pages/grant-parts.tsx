import { describeScopeToken, formatUsd, type Limits } from '@aipassport/policy';
import type { Grant, ListedGrant } from '@aipassport/store/authorization';
import { describePlaces } from '../describe-destination.js';
import { formatCount, formatLimit } from '../limits/describe-limit.js';
import { isExhausted } from '../limits/is-exhausted.js';
import { findWindowCosts } from '../limits/window-cost.js';
import { ForeignText, Time } from './parts.js';

export interface GrantView {
  readonly grant: Grant;
  readonly timeZone: string;
  readonly now: Date;
}

/** Who has the access: names are chosen by those who bear them, hosts are not. */
export function Place({ grant }: { readonly grant: ListedGrant }) {
  const places = describePlaces(grant.redirectUris);
  return places === '' ? null : (
    <p class="place">
      <ForeignText>{places}</ForeignText>
    </p>
  );
}

/** What the grant allows, a word each. */
export function Permissions({ grant }: Pick<GrantView, 'grant'>) {
  return (
    <ul class="permissions">
      {grant.tokens.map((token) => (
        <li key={token.text}>{describeScopeToken(token).title}</li>
      ))}
    </ul>
  );
}

/** Each limit with what is used of it. */
export function GrantUsage({ grant, timeZone, now }: GrantView) {
  const { limits, usage } = grant;
  const { today, thisMonth } = findWindowCosts(usage, timeZone, now);
  const rates = describeRates(limits);
  return (
    <>
      <dt>Money</dt>
      <dd>
        <Money used={usage.spent + usage.held} limit={limits.maxCost} label="Money used" />
        {usage.held > 0n && <small>{formatUsd(usage.held)} of it is set aside for requests under way.</small>}
      </dd>
      {limits.maxCostPerMonth !== undefined && (
        <>
          <dt>This month</dt>
          <dd>
            <Money used={thisMonth} limit={limits.maxCostPerMonth} label="Money used this month" />
          </dd>
        </>
      )}
      {limits.maxCostPerDay !== undefined && (
        <>
          <dt>Today</dt>
          <dd>
            <Money used={today} limit={limits.maxCostPerDay} label="Money used today" />
          </dd>
        </>
      )}
      <dt>Requests</dt>
      <dd>
        {limits.maxRequests === undefined
          ? `${formatCount(usage.requests)} used, no limit`
          : `${formatCount(usage.requests)} of ${formatCount(limits.maxRequests)} used`}
        {limits.maxRequests !== undefined && (
          <Bar used={BigInt(usage.requests)} limit={BigInt(limits.maxRequests)} label="Requests used" />
        )}
      </dd>
      {rates !== '' && (
        <>
          <dt>At most</dt>
          <dd>{rates}</dd>
        </>
      )}
    </>
  );
}

interface MoneyProps {
  /** Nano-US-dollars, as the limit. */
  readonly used: bigint;
  readonly limit: bigint | undefined;
  readonly label: string;
}

export function Money({ used, limit, label }: MoneyProps) {
  if (limit === undefined) return <>{formatUsd(used)} used, no limit</>;
  return (
    <>
      {formatUsd(used)} of {formatUsd(limit)} used
      <Bar used={used} limit={limit} label={label} />
    </>
  );
}

function Bar({ used, limit, label }: MoneyProps & { readonly limit: bigint }) {
  // An owner may have set a limit below what was used already.
  const percent = used >= limit ? 100 : Number((used * 100n) / limit);
  return <progress value={percent} max={100} aria-label={label} class={percent >= 99 ? 'full' : undefined} />;
}

function describeRates({ maxRequestsPerMinute, maxTokensPerMinute, maxStreams }: Limits): string {
  return [
    maxRequestsPerMinute === undefined ? [] : `${formatLimit(maxRequestsPerMinute)} requests a minute`,
    maxTokensPerMinute === undefined ? [] : `${formatLimit(maxTokensPerMinute)} tokens a minute`,
    maxStreams === undefined ? [] : `${formatLimit(maxStreams)} streamed answers at a time`,
  ]
    .flat()
    .join(', ');
}

/** When it began, ends, and was used last. */
export function GrantTimes({ grant, timeZone }: Pick<GrantView, 'grant' | 'timeZone'>) {
  return (
    <>
      {grant.state === 'active' && (
        <>
          <dt>Until</dt>
          <dd>
            <Time at={grant.expiresAt} timeZone={timeZone} />
          </dd>
        </>
      )}
      <dt>Since</dt>
      <dd>
        <Time at={grant.createdAt} timeZone={timeZone} />
      </dd>
      <dt>Last used</dt>
      <dd>{grant.lastUsedAt === undefined ? 'never' : <Time at={grant.lastUsedAt} timeZone={timeZone} />}</dd>
    </>
  );
}

/** How a grant that is over came to its end. */
export function GrantEnd({ grant, timeZone }: Pick<GrantView, 'grant' | 'timeZone'>) {
  return (
    <p>
      {grant.state === 'revoked' ? `Revoked${endings[grant.revokedReason ?? ''] ?? ''}, ` : 'Ended, '}
      <Time at={grant.revokedAt ?? grant.expiresAt} timeZone={timeZone} />.
    </p>
  );
}

/** Why, for the owner to tell their own doing from somebody else's. */
const endings: Readonly<Record<string, string>> = {
  owner: ' by you',
  client: ' by the app',
  code_replay: ' because its sign-in code was used twice, which a thief may have done',
  refresh_token_reuse: ' because an old token was used again, which a thief may have done',
  account_disabled: ' with your account',
  operator: ' by the operator of this server',
};

/** Where the owner can go on when an app has come to its end. */
export function UsedUp({ grant, changePath }: Pick<GrantView, 'grant'> & { readonly changePath: string }) {
  if (grant.state !== 'active' || !isExhausted(grant)) return null;
  return (
    <p class="used-up">
      <strong>Used up.</strong> The app gets nothing more, unless you <a href={changePath}>raise its limits</a>.
    </p>
  );
}

export function RevokeForm({ action, csrfToken, describedBy }: RevokeFormProps) {
  return (
    <form method="post" action={action}>
      <input type="hidden" name="csrf_token" value={csrfToken} />
      <button type="submit" class="danger" aria-describedby={describedBy}>
        Revoke
      </button>
    </form>
  );
}

interface RevokeFormProps {
  readonly action: string;
  readonly csrfToken: string;
  readonly describedBy: string;
}
