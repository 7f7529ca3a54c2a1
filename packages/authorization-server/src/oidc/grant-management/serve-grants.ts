import { findAccount, findGrant, type Grant, listAncestors, revokeGrant } from '@aipassport/store/authorization';
import type { Provider } from 'oidc-provider';
import type { Context, Middleware } from '../../context.js';
import { findPathValue, paths } from '../../endpoints.js';
import { forRequest } from '../../for-request.js';
import type { Foundation } from '../../foundation.js';
import { allowOriginOfClient, refuseAccess } from '../answer-as-resource.js';
import { orUnavailable } from '../errors.js';
import { findSendingProblem, readSentToken } from '../require-proof.js';
import { describeGrant } from './describe-grant.js';
import { type Caller, createCallerFinder } from './find-caller.js';
import { managementScopes } from './management-resource.js';

/**
 * `GET` and `DELETE /grants/:grant_id`: the API of Grant Management for OAuth 2.0. A client reads and ends its own
 * grants. A grant of another client, an ended grant and an unknown grant get the same answer.
 */
export function serveGrants(provider: Provider, foundation: Foundation): Middleware {
  const { db } = foundation;
  const findCaller = createCallerFinder(provider, foundation);
  return async (ctx, next) => {
    const grantId = findPathValue(paths.grantManagement, ctx.path);
    if (grantId === undefined || ctx.method === 'OPTIONS') return next();
    ctx.set('Cache-Control', 'no-store');
    const token = readSentToken(ctx);
    if (token === undefined) return refuseAccess(ctx, { reason: 'access_token_missing' });
    const caller = await findCaller(token.text);
    if (caller === undefined) return refuseAccess(ctx, { reason: 'access_token_inactive' });
    const problem = await findSendingProblem(foundation, ctx, { ...token, jkt: caller.jkt });
    if (problem !== undefined) return refuseAccess(ctx, { reason: problem });
    await allowOriginOfClient(provider, ctx, caller.clientId);
    const scope = ctx.method === 'DELETE' ? managementScopes.revoke : managementScopes.query;
    if (!caller.mayUse(scope)) return refuseAccess(ctx, { reason: 'management_scope_missing', scope });
    const grant = await findOwn(caller, grantId);
    if (grant === undefined) return refuseAccess(ctx, { reason: 'client_grant_unknown' });
    await (ctx.method === 'DELETE' ? end(ctx, grant) : show(ctx, grant));
  };

  async function findOwn({ clientId, grantId: only }: Caller, grantId: string): Promise<Grant | undefined> {
    // A token of a grant may also be used for the grants below it.
    if (only !== undefined && only !== grantId && !listAncestors(grantId).includes(only)) return undefined;
    const grant = await orUnavailable(findGrant(db, grantId));
    return grant?.clientId === clientId && grant.state === 'active' ? grant : undefined;
  }

  async function show(ctx: Context, grant: Grant): Promise<void> {
    const account = await orUnavailable(findAccount(db, grant.accountId));
    const { resourceProxyUrl: resource } = foundation.configuration;
    ctx.body = describeGrant(grant, { resource, timeZone: account?.timeZone ?? 'UTC', now: foundation.now() });
  }

  async function end(ctx: Context, { id: grantId, clientId }: Grant): Promise<void> {
    const { db: ofRequest } = forRequest(foundation, ctx);
    await orUnavailable(revokeGrant(ofRequest, { grantId, reason: 'client', revokedBy: clientId }));
    ctx.status = 204;
  }
}
