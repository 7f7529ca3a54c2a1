import { type Selectable, sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { isLive, isMadeByOwner } from '../live-grants.js';
import type { Schema } from '../schema.js';
import { type ClientIdentity, isVouchedFor } from './client-identity.js';
import { isClientApproved, listRedirectUris } from './clients.js';
import { type Grant, type SelectedGrant, selectGrants, toGrant } from './grants.js';

/** A grant, and who its client is. */
export interface ListedGrant extends Grant, ClientIdentity {}

/** Lists the live grants that an owner made, for all clients, the newest first, at most 500. */
export async function listLiveGrants(db: Database, accountId: string): Promise<readonly ListedGrant[]> {
  const rows = await selectListed(db, accountId)
    .where(isMadeByOwner())
    .where(isLive())
    .orderBy('grants.created_at', 'desc')
    .limit(500)
    .execute();
  return rows.map(toListed);
}

/**
 * Lists the newest grant of each client that has had access and has none now, the newest first. If there are more than
 * 1,000, the oldest are left out.
 */
export async function listPastClients(db: Database, accountId: string): Promise<readonly ListedGrant[]> {
  const rows = await selectListed(db, accountId)
    .distinctOn('grants.client_id')
    .where(isMadeByOwner())
    .where(
      sql<boolean>`not exists (
        select from grants live where live.account_id = ${accountId} and live.client_id = grants.client_id
          and ${isMadeByOwner('live')} and ${isLive('live')})`,
    )
    .orderBy('grants.client_id')
    .orderBy('grants.created_at', 'desc')
    .execute();
  return rows
    .map(toListed)
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
    .slice(0, 1_000);
}

/** The grants of one owner for one client. */
export interface GrantsOfClient {
  /** The grants that the owner made: live ones, then ended ones, each part from the newest on. At most 500. */
  readonly made: readonly ListedGrant[];
  /** The grants that the client made below grants of the owner. Each comes after the grants above it. At most 500. */
  readonly delegated: readonly ListedGrant[];
}

export async function listGrantsOfClient(
  db: Database,
  { accountId, clientId }: Pick<Grant, 'accountId' | 'clientId'>,
): Promise<GrantsOfClient> {
  const sorted = selectListed(db, accountId)
    .where('grants.client_id', '=', clientId)
    .orderBy(isLive(), 'desc')
    .orderBy('grants.created_at', 'desc');
  const made = await sorted.where(isMadeByOwner()).limit(500).execute();
  const delegated = await sorted.where(sql<boolean>`position('.' in grants.id) > 0`).limit(500).execute();
  return { made: made.map(toListed), delegated: delegated.map(toListed).toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
}

/** The identifiers of the clients of all stored grants of an owner, live or ended. */
export async function listGrantedClients(db: Database, accountId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('grants')
    .select('client_id')
    .distinct()
    .where('account_id', '=', accountId)
    .execute();
  return rows.map(({ client_id: clientId }) => clientId);
}

function selectListed(db: Database, accountId: string) {
  return selectGrants(db)
    .innerJoin('clients', 'clients.id', 'grants.client_id')
    .select(['clients.name as client_name', 'clients.metadata', 'clients.registered_by'])
    .select(isClientApproved.as('is_approved'))
    .where('grants.account_id', '=', accountId);
}

type ListedRow = SelectedGrant &
  Pick<Selectable<Schema['clients']>, 'metadata' | 'registered_by'> & {
    readonly client_name: string;
    readonly is_approved: boolean;
  };

function toListed(row: ListedRow): ListedGrant {
  return {
    ...toGrant(row),
    clientName: row.client_name,
    redirectUris: listRedirectUris(row),
    isVouchedFor: isVouchedFor({ registeredBy: row.registered_by, isApproved: row.is_approved }),
  };
}
