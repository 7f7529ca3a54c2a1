import type { Database } from '../database/open-database.js';
import { isLive } from '../live-grants.js';
import { type Grant, selectGrants, toGrant } from './grants.js';

export interface GrantQuery {
  readonly accountId: string | undefined;
  readonly clientId: string | undefined;
  /** Whether ended grants are listed too. */
  readonly withEnded: boolean;
  /** Only grants whose identifier comes after this one; empty for the first page. */
  readonly after: string;
  readonly limit: number;
}

/** Lists the grants of all accounts, including those below other grants, in the order of their identifiers. */
export async function listAllGrants(
  db: Database,
  { accountId, clientId, withEnded, after, limit }: GrantQuery,
): Promise<readonly Grant[]> {
  let found = selectGrants(db).where('grants.id', '>', after).orderBy('grants.id').limit(limit);
  if (accountId !== undefined) found = found.where('grants.account_id', '=', accountId);
  if (clientId !== undefined) found = found.where('grants.client_id', '=', clientId);
  if (!withEnded) found = found.where(isLive());
  return (await found.execute()).map(toGrant);
}
