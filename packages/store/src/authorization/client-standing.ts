import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { retryDeadlocks } from '../database/retry-deadlocks.js';
import { deleteArtifactsOf, deleteOwnTokensOf } from './artifacts.js';
import { lockClient, type NewClient } from './clients.js';
import { revokeGrantsOfClient } from './revoke-grant.js';

/** A change of a client by an operator. */
export interface StandingChange {
  readonly clientId: string;
  /**
   * The operator's account. For a program, the kind and the id of what it authenticated with, such as
   * `admin_client:<id>`. Undefined: the operator's command.
   */
  readonly by: string | undefined;
}

/**
 * Blocks a client: refuses new grants, revokes all grants of the client, deletes the tokens that the client got for
 * itself, and ends the operator's approval. Unblocking does not bring any of these back. The block is committed first,
 * because a client that is not blocked could delay the revocation with token exchanges.
 * @returns false when there is no such client, or it is blocked already. In all cases the client has no live grant
 * afterwards
 */
export async function blockClient(db: Database, { clientId, by }: StandingChange): Promise<boolean> {
  const isBlocked = await inTransaction(db, async (transaction) => {
    // Waits for concurrent transactions that approve the client or give it a token for itself, so that the approval and
    // the token are ended too.
    await lockClient(transaction, clientId);
    await deleteOwnTokensOf(transaction, clientId);
    const { rows } = await sql`
      with blocked as (
        insert into client_blocks (client_id) select id from clients where id = ${clientId}
        on conflict do nothing returning client_id
      ), disapproved as (delete from client_approvals where client_id = ${clientId})
      insert into audit_events (event, client_id, detail)
      select 'client_blocked', client_id, ${describeChange(by)}::jsonb || ${noteRequestSource(transaction)} from blocked returning id`.execute(
      transaction,
    );
    return rows.length > 0;
  });
  await endAccessOfClient(db, { clientId, reason: 'operator', revokedBy: 'operator' });
  return isBlocked;
}

/**
 * Makes a later block of the client wait until this transaction ends. So the block also ends a token that is stored in
 * this transaction. A block that was committed earlier is detected.
 * @returns false when the client is blocked, or was deleted
 */
export async function holdClient(transaction: Database, clientId: string): Promise<boolean> {
  const held = await sql`select from clients where id = ${clientId} for share`.execute(transaction);
  // This is a second statement, so that it sees a block that was committed while the first statement waited.
  const blocked = await sql`select from client_blocks where client_id = ${clientId}`.execute(transaction);
  return held.rows.length > 0 && blocked.rows.length === 0;
}

/** Revokes all grants of a client. The client must be blocked already, so that it gets no new grants meanwhile. */
export async function endAccessOfClient(
  db: Database,
  revocation: Parameters<typeof revokeGrantsOfClient>[1],
): Promise<void> {
  const ended = await retryDeadlocks(() =>
    inTransaction(db, async (transaction) => {
      // Waits for transactions that are inserting a grant of this client, so that the grants are seen below.
      await sql`select from clients where id = ${revocation.clientId} for update`.execute(transaction);
      return revokeGrantsOfClient(transaction, revocation);
    }),
  );
  await deleteArtifactsOf(db, ended);
}

/** @returns false when the client is not blocked */
export async function unblockClient(db: Database, { clientId, by }: StandingChange): Promise<boolean> {
  const { rows } = await sql`
    with unblocked as (delete from client_blocks where client_id = ${clientId} returning client_id)
    insert into audit_events (event, client_id, detail)
    select 'client_unblocked', client_id, ${describeChange(by)}::jsonb || ${noteRequestSource(db)} from unblocked returning id`.execute(
    db,
  );
  return rows.length > 0;
}

/**
 * Approves a client that registered itself: the operator vouches for its name and its URLs. If a page showed the name
 * and the URLs, the caller locks the client and compares them before this call, in the same transaction.
 * @returns false when no such client has registered itself, when the client is blocked, or when the operator vouches
 * for it already
 */
export async function approveClient(db: Database, { clientId, by }: StandingChange): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    await lockClient(transaction, clientId);
    const { rows } = await sql`
      with approved as (
        insert into client_approvals (client_id)
        select id from clients where id = ${clientId} and registered_by = 'registration'
          and not exists (select from client_blocks b where b.client_id = clients.id)
        on conflict do nothing returning client_id
      )
      insert into audit_events (event, client_id, detail)
      select 'client_approved', client_id, ${describeChange(by)}::jsonb || ${noteRequestSource(transaction)} from approved returning id`.execute(
      transaction,
    );
    return rows.length > 0;
  });
}

/** @returns false when the client is not approved */
export async function disapproveClient(db: Database, { clientId, by }: StandingChange): Promise<boolean> {
  const { rows } = await sql`
    with disapproved as (delete from client_approvals where client_id = ${clientId} returning client_id)
    insert into audit_events (event, client_id, detail)
    select 'client_disapproved', client_id, ${describeChange(by)}::jsonb || ${noteRequestSource(db)} from disapproved returning id`.execute(
    db,
  );
  return rows.length > 0;
}

function describeChange(by: string | undefined): string {
  return JSON.stringify({ by: by ?? 'command' });
}

/**
 * Ends the operator's approval of a client whose name, metadata or origins will change, because the operator has not
 * seen the new values. Does nothing if the values stay the same.
 * @param transaction the transaction in which the client is changed afterwards
 * @returns whether there was an approval, which has ended
 */
export async function endApprovalIfChanged(
  transaction: Database,
  { id, name, metadata, webOrigins }: Pick<NewClient, 'id' | 'name' | 'metadata' | 'webOrigins'>,
): Promise<boolean> {
  // Waits for a concurrent approval of the old values, so that it is ended too.
  await lockClient(transaction, id);
  const { rows } = await sql`
    with ended as (
      delete from client_approvals a using clients c
      where c.id = a.client_id and a.client_id = ${id}
        and (c.name, c.metadata, c.web_origins)
          is distinct from (${name}::text, ${JSON.stringify(metadata)}::jsonb, ${[...webOrigins]}::text[])
      returning a.client_id
    )
    insert into audit_events (event, client_id, detail)
    select 'client_disapproved', client_id, '{"by": "change"}'::jsonb || ${noteRequestSource(transaction)} from ended returning id`.execute(
    transaction,
  );
  return rows.length > 0;
}
