import { describeScopeToken } from '@aipassport/policy';
import type { Grant } from '@aipassport/store/authorization';
import { renderPage, type SignedIn } from './layout.js';
import { ForeignText, Notice, Time } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

export type ListedGrant = Grant & { readonly clientName: string };

interface GrantsPageProps {
  readonly stylesheet: Stylesheet;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly timeZone: string;
  readonly grants: readonly ListedGrant[];
  readonly notice: string | undefined;
}

export function renderGrantsPage(props: GrantsPageProps): string {
  const { stylesheet, signedIn, grants, notice } = props;
  const active = grants.filter(({ state }) => state === 'active');
  const over = grants.filter(({ state }) => state !== 'active');
  return renderPage({
    stylesheet,
    title: 'Grants',
    signedIn,
    children: (
      <>
        <h1>What apps may do</h1>
        {notice !== undefined && <Notice>{notice}</Notice>}
        {active.length === 0 && (
          <article class="empty">
            <p>No app may use your AI at the moment. When you connect one, it is listed here.</p>
          </article>
        )}
        {active.map((grant) => (
          <ActiveGrant key={grant.id} grant={grant} {...props} />
        ))}
        {over.length > 0 && (
          <details class="over">
            <summary>Over: {over.length}</summary>
            {over.map((grant) => (
              <OverGrant key={grant.id} grant={grant} {...props} />
            ))}
          </details>
        )}
      </>
    ),
  });
}

type GrantProps = GrantsPageProps & { readonly grant: ListedGrant };

function ActiveGrant({ grant, csrfToken, timeZone }: GrantProps) {
  const titleId = `grant-${grant.id}`;
  return (
    <article class="grant" aria-labelledby={titleId}>
      <div class="grant-head">
        <h2 id={titleId}>
          <ForeignText>{grant.clientName}</ForeignText>
        </h2>
        <form method="post" action={`/account/grants/${encodeURIComponent(grant.id)}/revoke`}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <button type="submit" class="danger" aria-describedby={titleId}>
            Revoke
          </button>
        </form>
      </div>
      <Permissions grant={grant} />
      <dl>
        <Usage grant={grant} />
        <dt>Until</dt>
        <dd>
          <Time at={grant.expiresAt} timeZone={timeZone} />
        </dd>
        <dt>Since</dt>
        <dd>
          <Time at={grant.createdAt} timeZone={timeZone} />
        </dd>
        <dt>Last used</dt>
        <dd>{grant.lastUsedAt === undefined ? 'never' : <Time at={grant.lastUsedAt} timeZone={timeZone} />}</dd>
      </dl>
    </article>
  );
}

function Permissions({ grant }: { readonly grant: ListedGrant }) {
  return (
    <ul class="permissions">
      {grant.tokens.map((token) => (
        <li key={token.text}>{describeScopeToken(token).title}</li>
      ))}
    </ul>
  );
}

function Usage({ grant: { limits, usedRequests } }: { readonly grant: ListedGrant }) {
  const { maxRequests, maxRequestsPerMinute } = limits;
  return (
    <>
      <dt>Requests</dt>
      <dd>
        {maxRequests === undefined ? `${usedRequests} used, no limit` : `${usedRequests} of ${maxRequests} used`}
        {maxRequests !== undefined && <progress value={usedRequests} max={maxRequests} aria-label="Requests used" />}
      </dd>
      <dt>Per minute</dt>
      <dd>{maxRequestsPerMinute === undefined ? 'no limit' : `at most ${maxRequestsPerMinute}`}</dd>
    </>
  );
}

function OverGrant({ grant, timeZone }: GrantProps) {
  const endedAt = grant.revokedAt ?? grant.expiresAt;
  return (
    <article class="grant">
      <h2>
        <ForeignText>{grant.clientName}</ForeignText>
      </h2>
      <p>
        {grant.state === 'revoked' ? `Revoked${endings[grant.revokedReason ?? ''] ?? ''}, ` : 'Ended, '}
        <Time at={endedAt} timeZone={timeZone} />. {grant.usedRequests} requests used.
      </p>
      <Permissions grant={grant} />
    </article>
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
