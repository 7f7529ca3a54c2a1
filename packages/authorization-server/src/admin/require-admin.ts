import { type AdminScope, findTokenHolder } from '@aipassport/store/authorization';
import { isAccountToken } from '../account/account-token-format.js';
import { networkOf, requireFew, unknownTokens } from '../account/guessing-limits.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import type { AdminClient } from '../oidc/admin/find-admin-client.js';
import { findSendingProblem, readSentToken } from '../oidc/require-proof.js';
import type { AdminCaller } from './admin-call.js';

/** Finds the client whose admin token a request carries; undefined for any other token. */
export type FindAdminClient = (token: string) => Promise<AdminClient | undefined>;

type AdminDependencies = Dependencies & { readonly findAdminClient: FindAdminClient };

/**
 * Finds who calls the admin API. The token is taken only from the header `Authorization`.
 * @throws Denied
 */
export async function requireAdmin(deps: AdminDependencies, ctx: Context, scope: AdminScope): Promise<AdminCaller> {
  const token = readSentToken(ctx);
  if (token === undefined) throw new Denied({ reason: 'access_token_missing' });
  const find = isAccountToken(token.text) ? findOperator : findClient;
  const caller = await find(deps, ctx, token.text);
  if (caller === undefined) {
    await requireFew(deps.db, { key: `admin-token:address:${networkOf(ctx.ip)}`, ...unknownTokens });
    throw new Denied({ reason: 'access_token_inactive' });
  }
  const problem = await findSendingProblem(deps, ctx, { ...token, jkt: caller.jkt });
  if (problem !== undefined) throw new Denied({ reason: problem });
  if (!caller.scopes.includes(scope)) throw new Denied({ reason: 'admin_scope_missing', scope });
  return caller;
}

async function findClient(deps: AdminDependencies, ctx: Context, text: string): Promise<AdminCaller | undefined> {
  const client = await deps.findAdminClient(text);
  if (client === undefined) return undefined;
  const { clientId, scopes, jkt } = client;
  ctx.state.clientId = clientId;
  const source = { adminClient: clientId };
  return { scopes, jkt, accountId: undefined, source, by: `admin_client:${clientId}`, timeZone: 'UTC' };
}

/**
 * A token ends when its account stops being an operator. The role is read at every request too, as a second check.
 * @returns undefined for an API token that has no scope of this API
 */
async function findOperator({ db }: AdminDependencies, ctx: Context, text: string): Promise<AdminCaller | undefined> {
  const holder = await findTokenHolder(db, text);
  if (holder === undefined || !holder.isOperator || holder.adminScopes.length === 0) return undefined;
  const { accountId, tokenId, adminScopes: scopes } = holder;
  ctx.state.accountId = accountId;
  const source = { adminToken: tokenId };
  return { scopes, jkt: undefined, accountId, source, by: `api_token:${tokenId}`, timeZone: 'UTC' };
}
