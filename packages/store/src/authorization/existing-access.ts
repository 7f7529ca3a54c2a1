import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { isLive, isMadeByOwner } from '../live-grants.js';
import { type Grant, selectGrants, toGrant } from './grants.js';

/** The access that a client already has when it asks an owner for access. */
export interface ExistingAccess {
  /** The live grants that the owner made, the newest first; at least one. */
  readonly grants: readonly [Grant, ...Grant[]];
  /**
   * The scope tokens that the client asked for when the owner made the newest grant, and those that it asked for
   * earlier and the owner had not allowed; undefined when the previous release stored the newest grant.
   */
  readonly shownTokens: readonly string[] | undefined;
}

/** The most grants that are listed. If there are more, the oldest are left out. */
const maxExistingGrants = 100;

/**
 * Finds the access that a client already has. A grant whose code was not redeemed yet is left out: the client cannot
 * use it, and most such grants are of attempts that failed.
 * @returns undefined when the client has no such grant
 */
export async function findExistingAccess(
  db: Database,
  { accountId, clientId }: Pick<Grant, 'accountId' | 'clientId'>,
): Promise<ExistingAccess | undefined> {
  const rows = await selectGrants(db)
    .where('grants.account_id', '=', accountId)
    .where('grants.client_id', '=', clientId)
    .where(isMadeByOwner())
    .where(isLive())
    .where(sql<boolean>`not exists (select from unredeemed_grants u where u.grant_id = grants.id)`)
    .orderBy('grants.created_at', 'desc')
    .limit(maxExistingGrants)
    .execute();
  const [newest, ...others] = rows.map(toGrant);
  if (newest === undefined) return undefined;
  return { grants: [newest, ...others], shownTokens: await findShownTokens(db, newest.id) };
}

async function findShownTokens(db: Database, grantId: string): Promise<readonly string[] | undefined> {
  const row = await db.selectFrom('shown_scopes').select('scope').where('grant_id', '=', grantId).executeTakeFirst();
  return row?.scope.split(' ').filter((token) => token !== '');
}
