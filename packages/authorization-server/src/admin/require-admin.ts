import type { AdminScope } from '@aipassport/store/authorization';
import { networkOf, requireFew, unknownTokens } from '../account/guessing-limits.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import type { AdminClient } from '../oidc/admin/find-admin-client.js';
import { findSendingProblem, readSentToken } from '../oidc/require-proof.js';

/** Finds the client whose admin token a request carries; undefined for any other token. */
export type FindAdminClient = (token: string) => Promise<AdminClient | undefined>;

/**
 * Finds the client that calls the admin API. The token is taken only from the header `Authorization`.
 * @throws Denied
 */
export async function requireAdmin(
  deps: Dependencies & { readonly findAdminClient: FindAdminClient },
  ctx: Context,
  scope: AdminScope,
): Promise<AdminClient> {
  const token = readSentToken(ctx);
  if (token === undefined) throw new Denied({ reason: 'access_token_missing' });
  const client = await deps.findAdminClient(token.text);
  if (client === undefined) {
    await requireFew(deps.db, { key: `admin-token:address:${networkOf(ctx.ip)}`, ...unknownTokens });
    throw new Denied({ reason: 'access_token_inactive' });
  }
  ctx.state.clientId = client.clientId;
  const problem = await findSendingProblem(deps, ctx, { ...token, jkt: client.jkt });
  if (problem !== undefined) throw new Denied({ reason: problem });
  if (!client.scopes.includes(scope)) throw new Denied({ reason: 'admin_scope_missing', scope });
  return client;
}
