import type { AdminScope } from '@aipassport/store/authorization';
import type { Method } from './endpoint.js';

/**
 * An endpoint of the admin API. No page of another origin may call it. Its callers are clients of the operator, and
 * operators with an API token, so their changes are not limited.
 */
function admin<const Path extends string, const Scopes extends Partial<Record<Method, AdminScope>>>(
  path: Path,
  scopes: Scopes,
) {
  const methods = Object.keys(scopes) as readonly (keyof Scopes & Method)[]; // the argument is a literal
  return { path, methods, answers: 'json', changesLimitedBy: 'none', scopes } as const;
}

/** The admin API. `admin/routes.ts` has a handler for each method. */
export const adminEndpoints = {
  adminInstance: admin('/api/admin', { GET: 'admin:instance:read' }),
  adminAccounts: admin('/api/admin/accounts', { GET: 'admin:accounts:read' }),
  adminAccount: admin('/api/admin/accounts/:account_id', {
    GET: 'admin:accounts:read',
    DELETE: 'admin:accounts:write',
  }),
  adminAccountDisabling: admin('/api/admin/accounts/:account_id/disable', { POST: 'admin:accounts:write' }),
  adminAccountEnabling: admin('/api/admin/accounts/:account_id/enable', { POST: 'admin:accounts:write' }),
  adminInviter: admin('/api/admin/accounts/:account_id/let-invite', { POST: 'admin:accounts:write' }),
  adminFormerInviter: admin('/api/admin/accounts/:account_id/stop-inviting', { POST: 'admin:accounts:write' }),
  adminAccountExport: admin('/api/admin/accounts/:account_id/export', { GET: 'admin:accounts:export' }),
  adminAccountLimits: admin('/api/admin/accounts/:account_id/limits', { PATCH: 'admin:limits:write' }),
  adminInvitations: admin('/api/admin/invitations', { GET: 'admin:accounts:read', POST: 'admin:accounts:write' }),
  adminInvitation: admin('/api/admin/invitations/:invitation_id', { DELETE: 'admin:accounts:write' }),
  adminClients: admin('/api/admin/clients', { GET: 'admin:clients:read', POST: 'admin:clients:write' }),
  adminClient: admin('/api/admin/clients/:client_id', {
    GET: 'admin:clients:read',
    PATCH: 'admin:clients:write',
    DELETE: 'admin:clients:write',
  }),
  adminClientSecrets: admin('/api/admin/clients/:client_id/secrets', {
    POST: 'admin:clients:write',
    DELETE: 'admin:clients:write',
  }),
  adminClientBlock: admin('/api/admin/clients/:client_id/block', { POST: 'admin:clients:write' }),
  adminClientUnblocking: admin('/api/admin/clients/:client_id/unblock', { POST: 'admin:clients:write' }),
  adminClientApproval: admin('/api/admin/clients/:client_id/approve', { POST: 'admin:clients:write' }),
  adminClientDisapproval: admin('/api/admin/clients/:client_id/disapprove', { POST: 'admin:clients:write' }),
  adminGrants: admin('/api/admin/grants', { GET: 'admin:grants:read', DELETE: 'admin:grants:write' }),
  adminGrant: admin('/api/admin/grants/:grant_id', { GET: 'admin:grants:read', DELETE: 'admin:grants:write' }),
  adminUsage: admin('/api/admin/usage', { GET: 'admin:usage:read' }),
  adminLimits: admin('/api/admin/limits', { GET: 'admin:limits:read', PATCH: 'admin:limits:write' }),
  adminAudit: admin('/api/admin/audit', { GET: 'admin:audit:read' }),
};
