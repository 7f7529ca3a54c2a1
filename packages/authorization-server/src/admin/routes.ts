import { withRequestSource } from '@aipassport/store';
import type { AdminScope } from '@aipassport/store/authorization';
import Router from '@koa/router';
import { adminEndpoints } from '../admin-endpoints.js';
import { getAllInvitations } from '../api/invitations.js';
import { listOperations } from '../api/list-operations.js';
import { getAccounts, getAllClients, getInstance } from '../api/operator.js';
import { getOneAccount } from '../api/operator-account.js';
import { getSharedKeys } from '../api/shared-keys.js';
import { getSpending } from '../api/spending.js';
import type { Context, RequestState } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import type { Endpoint } from '../endpoint.js';
import { forRequest, requestSourceOf } from '../for-request.js';
import { accountInPath, reads } from '../operator/record-read.js';
import { exportAccountData, removeAccount } from './accounts.js';
import type { AdminHandler, Specified } from './admin-call.js';
import { readAuditLog } from './audit-log.js';
import { approveAdminClient, getAdminClient, removeClient } from './clients.js';
import { changeAdminClient, createAdminClient, createClientSecret, endClientSecrets } from './edit-clients.js';
import { getAdminGrant, getAdminGrants, removeGrant, removeGrants } from './grants.js';
import { createInvitation, withdrawInvitation } from './invitations.js';
import { changeAccountLimits, changeLimits } from './limits.js';
import { makeChange } from './make-change.js';
import { type FindAdminClient, requireAdmin } from './require-admin.js';

type AdminEndpoints = typeof adminEndpoints;

/** One handler for each method of each endpoint. `adminEndpoints` has the scope that a token needs for it. */
type Handlers = {
  readonly [Name in keyof AdminEndpoints]: Readonly<Record<AdminEndpoints[Name]['methods'][number], AdminHandler>>;
};

const ofGrant = (grant: Specified['AdminGrant']) => ({
  accountId: grant.account_id,
  clientId: grant.client_id,
  grantId: grant.grant_id,
});

const handlers: Handlers = {
  adminInstance: { GET: getInstance },
  adminAccounts: { GET: reads('accounts', getAccounts) },
  adminAccount: { GET: reads('account', getOneAccount, accountInPath), DELETE: removeAccount },
  adminAccountDisabling: { POST: makeChange('disable_account') },
  adminAccountEnabling: { POST: makeChange('enable_account') },
  adminInviter: { POST: makeChange('let_invite') },
  adminFormerInviter: { POST: makeChange('stop_inviting') },
  adminAccountExport: { GET: exportAccountData },
  adminAccountLimits: { PATCH: changeAccountLimits },
  adminInvitations: { GET: reads('invitations', getAllInvitations), POST: createInvitation },
  adminInvitation: { DELETE: withdrawInvitation },
  adminClients: { GET: reads('clients', getAllClients), POST: createAdminClient },
  adminClient: {
    GET: reads('client', getAdminClient, (_body, clientId) => ({ clientId })),
    PATCH: changeAdminClient,
    DELETE: removeClient,
  },
  adminClientSecrets: { POST: createClientSecret, DELETE: endClientSecrets },
  adminClientBlock: { POST: makeChange('block_client') },
  adminClientUnblocking: { POST: makeChange('unblock_client') },
  adminClientApproval: { POST: approveAdminClient },
  adminClientDisapproval: { POST: makeChange('disapprove_client') },
  adminGrants: { GET: reads('grants', getAdminGrants), DELETE: removeGrants },
  adminGrant: { GET: reads('grant', getAdminGrant, ofGrant), DELETE: removeGrant },
  adminUsage: { GET: reads('usage', getSpending) },
  adminLimits: { GET: getSharedKeys, PATCH: changeLimits },
  adminAudit: { GET: readAuditLog },
};

interface AdminEndpoint extends Endpoint {
  readonly scopes: Readonly<Partial<Record<string, AdminScope>>>;
}

/** The router of the admin API. */
export function createAdminRouter(deps: Dependencies, findAdminClient: FindAdminClient): Router<RequestState> {
  const router = new Router<RequestState>();
  const endpoints: Readonly<Record<string, AdminEndpoint>> = adminEndpoints;
  const operations = listOperations<AdminScope, AdminHandler, AdminEndpoint>(endpoints, handlers);
  for (const { endpoint, method, scope, handle } of operations)
    router.register(endpoint.path, [method], (ctx) => answer({ ...deps, findAdminClient }, ctx, { scope, handle }));
  return router;
}

async function answer(
  deps: Dependencies & { readonly findAdminClient: FindAdminClient },
  ctx: Context & { readonly params: Readonly<Record<string, string>> },
  { scope, handle }: { readonly scope: AdminScope; readonly handle: AdminHandler },
): Promise<void> {
  const caller = await requireAdmin(forRequest(deps, ctx), ctx, scope);
  const db = withRequestSource(deps.db, { ...requestSourceOf(ctx), ...caller.source });
  const value = Object.values(ctx.params)[0] ?? '';
  const body = await handle({ ...deps, db }, { ctx, caller, value });
  if (body === undefined) ctx.status = 204;
  else ctx.body = body;
}
