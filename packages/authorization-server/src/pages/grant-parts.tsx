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

/** The hosts or devices of the app that has the access. Apps choose their own names, but not their hosts. */
export function Place({ grant }: { readonly grant: ListedGrant }) {
  return (
    <p class="place">
      <ForeignText>{describePlaces(grant.redirectUris)}</ForeignText>
    </p>
  );
}

/** The models and capabilities that the grant allows, as a list. */
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

/** When the grant ends, when it began, and when it was last used. */
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

/** How and when a grant ended. */
export function GrantEnd({ grant, timeZone }: Pick<GrantView, 'grant' | 'timeZone'>) {
  return (
    <p>
      {grant.state === 'revoked' ? `Revoked${endings[grant.revokedReason ?? ''] ?? ''}, ` : 'Ended, '}
      <Time at={grant.revokedAt ?? grant.expiresAt} timeZone={timeZone} />.
    </p>
  );
}

/** Why a grant ended, so that owners can distinguish their own decision from another cause. */
const endings: Readonly<Record<string, string>> = {
  owner: ' by you',
  client: ' by the app',
  code_replay: ' because its sign-in code was used twice, which a thief may have done',
  refresh_token_reuse: ' because an old token was used again, which a thief may have done',
  account_disabled: ' with your account',
  parent: ' with the grant that it was made from',
  operator: ' by the operator of this server',
};

/** Says how the owner can continue when a grant is used up. */
export function ExhaustedNotice({ grant, changePath }: Pick<GrantView, 'grant'> & { readonly changePath: string }) {
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
