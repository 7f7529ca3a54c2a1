import { deleteAccountToken, listAccountTokens } from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import type { ApiCall, Specified } from './api-call.js';
import { unknownObject } from './refusals.js';
import { timeOrNull } from './values.js';

/** `GET /api/account/tokens` */
export async function getTokens({ db }: Dependencies, { caller }: ApiCall): Promise<Specified['ApiTokenList']> {
  const tokens = await listAccountTokens(db, caller.accountId);
  return {
    tokens: tokens.map(({ id, name, scopes, adminScopes, createdAt, expiresAt, lastUsedAt, isExpired }) => ({
      token_id: id,
      name,
      scopes: [...scopes],
      admin_scopes: [...adminScopes],
      created_at: createdAt.toISOString(),
      expires_at: expiresAt.toISOString(),
      last_used_at: timeOrNull(lastUsedAt),
      is_expired: isExpired,
      is_current: id === caller.tokenId,
    })),
  };
}

/** `DELETE /api/account/tokens/:token_id` */
export async function removeToken({ db }: Dependencies, { caller, value: id }: ApiCall): Promise<undefined> {
  const { accountId, tokenId: apiToken } = caller;
  if (!(await deleteAccountToken(db, { accountId, id, apiToken }))) throw unknownObject();
}
