import type { TokenScope } from '@aipassport/store/authorization';
import Router from '@koa/router';
import { requireFewChanges } from '../account/guessing-limits.js';
import { type ApiEndpoint, apiEndpoints } from '../api-endpoints.js';
import type { Context, RequestState } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { isLimited } from '../endpoint.js';
import { forRequest } from '../for-request.js';
import { accountInPath, reads } from '../operator/record-read.js';
import { changeAccount, getAccount, getIdentities, getPasskeys, getUsage } from './account.js';
import { getActivity } from './activity.js';
import type { ApiHandler } from './api-call.js';
import { getApp, getApps, getAppUsage, getRequests, removeAllApps, removeApp } from './apps.js';
import { deleteClient, editClient, endSecrets, getClient, getClients, makeSecret, registerClient } from './clients.js';
import { endGrant, getGrant, lowerGrant } from './grants.js';
import { getAllInvitations, getInvitations, withdrawInvitation } from './invitations.js';
import { listOperations } from './list-operations.js';
import { getNotices } from './notices.js';
import { changeInstance, getAccounts, getAllClients, getAuditLog, getInstance } from './operator.js';
import { getOneAccount } from './operator-account.js';
import { getProviderKeys, removeProviderKey, renameProviderKey, testProviderKey } from './provider-keys.js';
import { requireToken } from './require-token.js';
import { endSession, endSessions, getSessions } from './sessions.js';
import { getSharedKeys } from './shared-keys.js';
import { putSpareKeyFirst, removeSpareKey, renameSpareKey, testSpareKey } from './spare-keys.js';
import { getSpending } from './spending.js';
import { getTokens, removeToken } from './tokens.js';

type ApiEndpoints = typeof apiEndpoints;

/** One handler for each method of each endpoint. `apiEndpoints` has the scope that a token needs for it. */
type Handlers = {
  readonly [Name in keyof ApiEndpoints]: Readonly<Record<ApiEndpoints[Name]['methods'][number], ApiHandler>>;
};

const handlers: Handlers = {
  apiAccount: { GET: getAccount, PATCH: changeAccount },
  apiUsage: { GET: getUsage },
  apiApps: { GET: getApps, DELETE: removeAllApps },
  apiApp: { GET: getApp, DELETE: removeApp },
  apiAppUsage: { GET: getAppUsage },
  apiRequests: { GET: getRequests },
  apiGrant: { GET: getGrant, PATCH: lowerGrant, DELETE: endGrant },
  apiProviderKeys: { GET: getProviderKeys },
  apiProviderKey: { PATCH: renameProviderKey, DELETE: removeProviderKey },
  apiProviderKeyTest: { POST: testProviderKey },
  apiSpareKey: { PATCH: renameSpareKey, DELETE: removeSpareKey },
  apiSpareKeyTest: { POST: testSpareKey },
  apiSpareKeyFirst: { POST: putSpareKeyFirst },
  apiPasskeys: { GET: getPasskeys },
  apiSessions: { GET: getSessions, DELETE: endSessions },
  apiSession: { DELETE: endSession },
  apiIdentities: { GET: getIdentities },
  apiInvitations: { GET: getInvitations },
  apiInvitation: { DELETE: withdrawInvitation },
  apiNotices: { GET: getNotices },
  apiActivity: { GET: getActivity },
  apiTokens: { GET: getTokens },
  apiToken: { DELETE: removeToken },
  apiClients: { GET: getClients, POST: registerClient },
  apiClient: { GET: getClient, PATCH: editClient, DELETE: deleteClient },
  apiClientSecrets: { POST: makeSecret, DELETE: endSecrets },

  apiInstance: { GET: getInstance },
  apiAccounts: { GET: reads('accounts', getAccounts) },
  apiOneAccount: { GET: reads('account', getOneAccount, accountInPath) },
  apiAllClients: { GET: reads('clients', getAllClients) },
  apiAuditLog: { GET: getAuditLog },
  apiSpending: { GET: reads('usage', getSpending) },
  apiAllInvitations: { GET: reads('invitations', getAllInvitations) },
  apiSharedKeys: { GET: getSharedKeys },
  apiChanges: { POST: changeInstance },
};

/** The router of the JSON API. */
export function createApiRouter(deps: Dependencies): Router<RequestState> {
  const router = new Router<RequestState>();
  const endpoints: Readonly<Record<string, ApiEndpoint>> = apiEndpoints;
  for (const { endpoint, method, scope, handle } of listOperations<TokenScope, ApiHandler, ApiEndpoint>(
    endpoints,
    handlers,
  )) {
    const { path, changesLimitedBy } = endpoint;
    router.register(path, [method], (ctx) => answer(forRequest(deps, ctx), ctx, { handle, scope, changesLimitedBy }));
  }
  return router;
}

interface Operation {
  readonly handle: ApiHandler;
  readonly scope: TokenScope;
  readonly changesLimitedBy: ApiEndpoint['changesLimitedBy'];
}

async function answer(
  deps: Dependencies,
  ctx: Context & { readonly params: Readonly<Record<string, string>> },
  { handle, scope, changesLimitedBy }: Operation,
): Promise<void> {
  const caller = await requireToken(deps, ctx, scope);
  if (isLimited(ctx.method, changesLimitedBy)) await requireFewChanges(deps.db, caller.accountId);
  const body = await handle(deps, { ctx, caller, value: Object.values(ctx.params)[0] ?? '' });
  if (body === undefined) ctx.status = 204;
  else ctx.body = body;
}
