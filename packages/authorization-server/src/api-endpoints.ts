import type { TokenScope } from '@aipassport/store/authorization';
import type { Endpoint, Method } from './endpoint.js';

/**
 * An endpoint of the JSON API. Pages of every origin may call it, because a request needs an API token in a header, and
 * a stranger's page has no such token. Cookies give no access.
 */
function api<const Path extends string, const Scopes extends Partial<Record<Method, TokenScope>>>(
  path: Path,
  scopes: Scopes,
) {
  const methods = Object.keys(scopes) as readonly (keyof Scopes & Method)[]; // the argument is a literal
  return { path, methods, answers: 'json', origins: 'any', scopes } as const;
}

/** What each endpoint of the JSON API has. */
export interface ApiEndpoint {
  readonly path: string;
  /** What a token needs for each method. */
  readonly scopes: Readonly<Partial<Record<Method, TokenScope>>>;
  readonly changesLimitedBy?: Endpoint['changesLimitedBy'];
}

/** The JSON API of accounts. `api/routes.ts` has a handler for each method. */
export const apiEndpoints = {
  apiAccount: api('/api/account', { GET: 'read', PATCH: 'manage' }),
  apiUsage: api('/api/account/usage', { GET: 'read' }),
  apiApps: api('/api/account/apps', { GET: 'read', DELETE: 'manage' }),
  apiApp: api('/api/account/apps/:app_id', { GET: 'read', DELETE: 'manage' }),
  apiAppUsage: api('/api/account/apps/:app_id/usage', { GET: 'read' }),
  apiRequests: api('/api/account/apps/:app_id/requests', { GET: 'read' }),
  apiGrant: api('/api/account/grants/:grant_id', { GET: 'read', PATCH: 'manage', DELETE: 'manage' }),
  apiProviderKeys: api('/api/account/provider-keys', { GET: 'read' }),
  apiProviderKey: api('/api/account/provider-keys/:upstream', { PATCH: 'manage', DELETE: 'manage' }),
  apiProviderKeyTest: api('/api/account/provider-keys/:upstream/test', { POST: 'manage' }),
  apiSpareKey: api('/api/account/spare-keys/:key_id', { PATCH: 'manage', DELETE: 'manage' }),
  apiSpareKeyTest: api('/api/account/spare-keys/:key_id/test', { POST: 'manage' }),
  apiSpareKeyFirst: api('/api/account/spare-keys/:key_id/first', { POST: 'manage' }),
  apiPasskeys: api('/api/account/passkeys', { GET: 'read' }),
  apiSessions: api('/api/account/sessions', { GET: 'read', DELETE: 'manage' }),
  apiSession: api('/api/account/sessions/:session_id', { DELETE: 'manage' }),
  apiIdentities: api('/api/account/identities', { GET: 'read' }),
  apiInvitations: api('/api/account/invitations', { GET: 'read' }),
  apiInvitation: api('/api/account/invitations/:invitation_id', { DELETE: 'manage' }),
  apiNotices: api('/api/account/notices', { GET: 'read' }),
  apiActivity: api('/api/account/activity', { GET: 'read' }),
  apiTokens: api('/api/account/tokens', { GET: 'read' }),
  apiToken: api('/api/account/tokens/:token_id', { DELETE: 'manage' }),
  apiClients: api('/api/account/clients', { GET: 'read', POST: 'developer' }),
  apiClient: api('/api/account/clients/:client_id', { GET: 'read', PATCH: 'developer', DELETE: 'developer' }),
  apiClientSecrets: api('/api/account/clients/:client_id/secrets', { POST: 'developer', DELETE: 'developer' }),
  apiInstance: api('/api/operator', { GET: 'operator' }),
  apiAccounts: api('/api/operator/accounts', { GET: 'operator' }),
  apiOneAccount: api('/api/operator/accounts/:account_id', { GET: 'operator' }),
  apiAllClients: api('/api/operator/clients', { GET: 'operator' }),
  apiAuditLog: api('/api/operator/audit', { GET: 'operator' }),
  apiSpending: api('/api/operator/spending', { GET: 'operator' }),
  apiAllInvitations: api('/api/operator/invitations', { GET: 'operator' }),
  apiSharedKeys: api('/api/operator/keys', { GET: 'operator' }),
  /** Not limited: an operator's script may send any number of changes. */
  apiChanges: { ...api('/api/operator/changes', { POST: 'operator' }), changesLimitedBy: 'none' as const },
};
