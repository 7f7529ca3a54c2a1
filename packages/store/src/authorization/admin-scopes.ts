import type { Database } from '../database/open-database.js';

/** What a token may do through the admin API. No scope includes another. */
export const adminScopes = [
  'admin:instance:read',
  'admin:accounts:read',
  'admin:accounts:write',
  'admin:accounts:export',
  'admin:clients:read',
  'admin:clients:write',
  'admin:grants:read',
  'admin:grants:write',
  'admin:usage:read',
  'admin:limits:read',
  'admin:limits:write',
  'admin:audit:read',
] as const;

export type AdminScope = (typeof adminScopes)[number];

/**
 * Lets a client call the admin API. Only the operator's command calls this, in the transaction in which the client is
 * inserted. The role of the authorization server may not write the table.
 */
export async function insertClientAdminScopes(
  transaction: Database,
  clientId: string,
  scopes: readonly AdminScope[],
): Promise<void> {
  await transaction
    .insertInto('client_admin_scopes')
    .values({ client_id: clientId, scopes: [...scopes] })
    .execute();
}
