import { describeScopeToken, type UpstreamCatalogue } from '@aipassport/policy';
import type { Grant, ListedGrant } from '@aipassport/store/authorization';
import { describePlaces } from '../describe-destination.js';
import { isExhausted } from '../limits/is-exhausted.js';
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
export function Permissions({
  grant,
  upstreams,
}: Pick<GrantView, 'grant'> & { readonly upstreams: UpstreamCatalogue }) {
  return (
    <ul class="permissions">
      {grant.tokens.map((token) => (
        <li key={token.text}>{describeScopeToken(token, upstreams).title}</li>
      ))}
    </ul>
  );
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

/** Why a grant ended, so that owners can tell their own act from another's. */
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
