import { findTokenHolder, type TokenHolder, type TokenScope } from '@aipassport/store/authorization';
import { isAccountToken } from '../account/account-token-format.js';
import { networkOf, requireFew, unknownTokens } from '../account/guessing-limits.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Finds the account whose API token the request carries. The token is taken only from the header `Authorization`. A
 * browser does not add it to a request by itself, so a page of another site cannot make a request with it.
 * @throws Denied
 */
export async function requireToken(deps: Dependencies, ctx: Context, scope: TokenScope): Promise<TokenHolder> {
  const [, token] = /^Bearer +(\S+)$/i.exec(ctx.get('Authorization')) ?? [];
  if (token === undefined) throw new Denied({ reason: 'api_token_missing' });
  if (!isAccountToken(token)) throw new Denied({ reason: 'api_token_foreign' });
  const holder = await findTokenHolder(deps.db, token);
  if (holder === undefined) {
    await requireFew(deps.db, { key: `api-token:address:${networkOf(ctx.ip)}`, ...unknownTokens });
    throw new Denied({ reason: 'api_token_inactive' });
  }
  ctx.state.accountId = holder.accountId;
  if (!holder.scopes.includes(scope)) throw new Denied({ reason: 'api_scope_missing', scope });
  // A token ends when its account stops being an operator. This is a second check: accounts that are not operators get
  // 404, as on the pages for operators.
  if (scope === 'operator' && !holder.isOperator) throw new Denied({ reason: 'path_unknown' });
  return holder;
}
