import type { AdminScope } from '@aipassport/store/authorization';
import type { Method } from './endpoint.js';

/**
 * An endpoint of the admin API. No page of another origin may call it. Its callers are clients of the operator, so their
 * changes are not limited.
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
  adminAccount: admin('/api/admin/accounts/:account_id', { GET: 'admin:accounts:read' }),
  adminInvitations: admin('/api/admin/invitations', { GET: 'admin:accounts:read' }),
  adminClients: admin('/api/admin/clients', { GET: 'admin:clients:read' }),
  adminClient: admin('/api/admin/clients/:client_id', { GET: 'admin:clients:read' }),
  adminGrants: admin('/api/admin/grants', { GET: 'admin:grants:read' }),
  adminGrant: admin('/api/admin/grants/:grant_id', { GET: 'admin:grants:read' }),
  adminUsage: admin('/api/admin/usage', { GET: 'admin:usage:read' }),
  adminLimits: admin('/api/admin/limits', { GET: 'admin:limits:read' }),
  adminAudit: admin('/api/admin/audit', { GET: 'admin:audit:read' }),
};
