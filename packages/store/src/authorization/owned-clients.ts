import { type RawBuilder, sql } from 'kysely';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { lockAccount } from './accounts.js';
import { deleteOwnTokensOf } from './artifacts.js';
import { accountOf, isManaged, type ManagedClientKey, noteManager, type OwnedClientKey } from './client-manager.js';
import { endAccessOfClient, endApprovalIfChanged } from './client-standing.js';
import { type ClientUsage, type ClientUsageRow, toClientUsage, usageOfClient } from './client-usage.js';
import { lockClient, type NewClient, upsertClient } from './clients.js';
import { insertNotice } from './insert-mail.js';
import type { MailDetails } from './mail-kinds.js';
import { noteToken } from './note-token.js';

/** `web`: a website with a server, which keeps a secret. `spa`: a page without a server. `terminal`: a command line. */
export type OwnedClientType = 'web' | 'spa' | 'terminal';

/** A client that an account registered. */
export interface OwnedClient {
  readonly id: string;
  readonly name: string;
  readonly type: OwnedClientType;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly hasSecret: boolean;
  /** Differs for each secret, and reveals nothing of it; undefined when the client has none. */
  readonly secretVersion: string | undefined;
  readonly createdAt: Date;
  /** When each of the previous secrets stops working, the latest first. */
  readonly previousSecretsEndAt: readonly Date[];
  /** Whether the operator vouches for the client. */
  readonly isApproved: boolean;
  /** Whether the operator has blocked the client. */
  readonly isBlocked: boolean;
  readonly usage: ClientUsage;
}

export const maxClientsOfAccount = 20;

export interface NewOwnedClient extends Pick<OwnedClientKey, 'accountId' | 'apiToken'> {
  readonly type: OwnedClientType;
  readonly client: NewClient;
}

/**
 * Inserts a client that belongs to an account, and its audit row.
 * @returns false when the account has the maximum number of clients
 */
export async function insertOwnedClient(
  db: Database,
  { accountId, type, client, apiToken }: NewOwnedClient,
): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    // locked, so that the second of two concurrent calls counts the first
    await lockAccount(transaction, accountId);
    const { rows } = await sql<{ count: bigint }>`
      select count(*) as count from client_owners where account_id = ${accountId}`.execute(transaction);
    if (Number(rows[0]?.count ?? 0) >= maxClientsOfAccount) return false;
    await upsertClient(transaction, client);
    await sql`
      with owned as (
        insert into client_owners (client_id, account_id, type) values (${client.id}, ${accountId}, ${type})
      )
      insert into audit_events (event, account_id, client_id, detail)
      values ('client_registered', ${accountId}, ${client.id}, ${noteToken(transaction, apiToken)})`.execute(
      transaction,
    );
    return true;
  });
}

/** Lists the clients of an account, by name. */
export async function listOwnedClients(db: Database, accountId: string): Promise<readonly OwnedClient[]> {
  return selectOwnedClients(db, sql`o.account_id = ${accountId}`);
}

export async function findOwnedClient(db: Database, key: OwnedClientKey): Promise<OwnedClient | undefined> {
  const [client] = await selectOwnedClients(db, isOwned(key));
  return client;
}

function isOwned({ accountId, clientId }: OwnedClientKey): RawBuilder<unknown> {
  return sql`o.account_id = ${accountId} and o.client_id = ${clientId}`;
}

async function selectOwnedClients(db: Database, condition: RawBuilder<unknown>): Promise<readonly OwnedClient[]> {
  const { rows } = await sql<OwnedClientRow>`
    select c.id, c.name, o.type, c.metadata, c.secret_hash is not null as has_secret,
      md5(c.id || c.secret_hash::text) as secret_version, c.created_at,
      array(
        select expires_at from previous_client_secrets p where p.client_id = c.id and p.expires_at > now()
        order by expires_at desc
      ) as previous_end_at,
      exists (select from client_approvals a where a.client_id = c.id) as is_approved,
      exists (select from client_blocks b where b.client_id = c.id) as is_blocked,
      u.*, s.*
    from client_owners o join clients c on c.id = o.client_id
    ${usageOfClient}
    where ${condition} order by lower(c.name), c.id`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    type: row.type,
    metadata: row.metadata,
    hasSecret: row.has_secret,
    secretVersion: row.secret_version ?? undefined,
    createdAt: row.created_at,
    previousSecretsEndAt: row.previous_end_at,
    isApproved: row.is_approved,
    isBlocked: row.is_blocked,
    usage: toClientUsage(row),
  }));
}

interface OwnedClientRow extends ClientUsageRow {
  readonly id: string;
  readonly name: string;
  readonly type: OwnedClientType;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly has_secret: boolean;
  readonly secret_version: string | null;
  readonly created_at: Date;
  readonly previous_end_at: Date[];
  readonly is_approved: boolean;
  readonly is_blocked: boolean;
}

/**
 * Changes a client, and writes the audit row. If the redirect URIs of an account's client change, the owner is told:
 * authorization codes are sent there.
 * @returns `approval_ended` when the operator's approval has ended with the change; false when there is no such client,
 * or the account or the operator may not change it
 */
export async function updateManagedClient(
  db: Database,
  key: ManagedClientKey,
  { name, metadata, webOrigins }: Pick<NewClient, 'name' | 'metadata' | 'webOrigins'>,
): Promise<'changed' | 'approval_ended' | false> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await sql<{ redirects_change: boolean }>`
      select coalesce(c.metadata->'redirect_uris', '[]')
        <> coalesce(${JSON.stringify(metadata)}::jsonb->'redirect_uris', '[]') as redirects_change
      from clients c where ${isManaged(key)} for update of c`.execute(transaction);
    const [present] = rows;
    if (present === undefined) return false;
    const { clientId } = key;
    const redirectsChange = present.redirects_change;
    const isApprovalEnded = await endApprovalIfChanged(transaction, { id: clientId, name, metadata, webOrigins });
    await sql`
      with changed as (
        update clients set name = ${name}, metadata = ${JSON.stringify(metadata)}::jsonb, web_origins = ${[...webOrigins]}
        where id = ${clientId}
      )
      insert into audit_events (event, account_id, client_id, detail)
      values ('client_changed', ${accountOf(key)}, ${clientId},
        jsonb_build_object('redirect_uris_changed', ${redirectsChange}::boolean) || ${noteManager(transaction, key)})`.execute(
      transaction,
    );
    if (redirectsChange) await mailOwner(transaction, key, { event: 'client_changed', app: name });
    return isApprovalEnded ? 'approval_ended' : 'changed';
  });
}

/**
 * Sends the owner a mail about a change with which a stranger could pose as the client. A client of the operator has no
 * owner.
 */
export async function mailOwner(
  transaction: Database,
  key: ManagedClientKey,
  change: Pick<MailDetails['own_client_changed'], 'event' | 'app'>,
): Promise<void> {
  if ('by' in key) return;
  const { accountId, clientId } = key;
  await insertNotice(transaction, { accountId, kind: 'own_client_changed', detail: { ...change, clientId } });
}

/**
 * Deletes a client of an account: blocks it and ends all its access. The client's row and its ended grants stay at
 * first, because owners see in them what the client has spent. They are removed later, like other unused clients and
 * ended grants.
 * @returns false when the account has no such client
 */
export async function deleteOwnedClient(db: Database, key: OwnedClientKey): Promise<boolean> {
  const { accountId, clientId } = key;
  const isFound = await db.transaction().execute(async (transaction) => {
    await lockClient(transaction, clientId); // waits for a token that the client gets for itself, to end it too
    const { rows: owned } = await sql`
      with owned as (select client_id from client_owners o where ${isOwned(key)}), blocked as (
        insert into client_blocks (client_id) select client_id from owned on conflict do nothing
      )
      select client_id from owned`.execute(transaction);
    if (owned.length === 0) return false;
    await deleteOwnTokensOf(transaction, clientId);
    return true;
  });
  if (!isFound) return false;
  // `revokedBy` is not the id of this account, because the rows of other accounts would still have the id after this
  // account is deleted.
  await endAccessOfClient(db, { clientId, reason: 'client_deleted', revokedBy: clientId, apiToken: key.apiToken });
  // Last, so that the account can repeat a deletion that was interrupted.
  const { rows } = await sql`
    with deleted as (delete from client_owners o where ${isOwned(key)} returning client_id)
    insert into audit_events (event, account_id, client_id, detail)
    select 'client_deleted', ${accountId}, client_id, ${noteToken(db, key.apiToken)} from deleted returning id`.execute(
    db,
  );
  return rows.length > 0;
}

/** Deletes all clients of an account, as `deleteOwnedClient` does. */
export async function deleteOwnedClients(db: Database, accountId: string): Promise<void> {
  for (const clientId of await listOwnedClientIds(db, accountId)) await deleteOwnedClient(db, { accountId, clientId });
}

export async function listOwnedClientIds(db: Database, accountId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ client_id: string }>`
    select client_id from client_owners where account_id = ${accountId} order by client_id`.execute(db);
  return rows.map(({ client_id: clientId }) => clientId);
}
