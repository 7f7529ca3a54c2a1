import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { deleteArtifactsOf } from './artifacts.js';
import { revokeGrantsOfClient } from './revoke-grant.js';

/** A change of a client by an operator. */
export interface StandingChange {
  readonly clientId: string;
  /** The operator's account; undefined: the operator's command. */
  readonly by: string | undefined;
}

/**
 * Blocks a client: revokes all its grants and refuses new ones. Unblocking does not bring these grants back.
 * @returns false when there is no such client, or it is blocked already
 */
export async function blockClient(db: Database, { clientId, by }: StandingChange): Promise<boolean> {
  const ended = await db.transaction().execute(async (transaction) => {
    // Waits for transactions that are inserting a grant of this client, so that the grants are seen below.
    await sql`select from clients where id = ${clientId} for update`.execute(transaction);
    const { rows } = await sql`
      with blocked as (
        insert into client_blocks (client_id) select id from clients where id = ${clientId}
        on conflict do nothing returning client_id
      ), disapproved as (delete from client_approvals where client_id = ${clientId})
      insert into audit_events (event, client_id, detail)
      select 'client_blocked', client_id, ${describeChange(by)}::jsonb from blocked returning id`.execute(transaction);
    if (rows.length === 0) return undefined;
    return revokeGrantsOfClient(transaction, { clientId, reason: 'operator', revokedBy: 'operator' });
  });
  await deleteArtifactsOf(db, ended ?? []);
  return ended !== undefined;
}

/** @returns false when the client is not blocked */
export async function unblockClient(db: Database, { clientId, by }: StandingChange): Promise<boolean> {
  const { rows } = await sql`
    with unblocked as (delete from client_blocks where client_id = ${clientId} returning client_id)
    insert into audit_events (event, client_id, detail)
    select 'client_unblocked', client_id, ${describeChange(by)}::jsonb from unblocked returning id`.execute(db);
  return rows.length > 0;
}

/**
 * Vouches for a client that registered itself.
 * @returns false when there is no such client, it is blocked, or the operator vouches for it already
 */
export async function approveClient(db: Database, { clientId, by }: StandingChange): Promise<boolean> {
  const { rows } = await sql`
    with approved as (
      insert into client_approvals (client_id)
      select id from clients where id = ${clientId} and registered_by = 'registration'
        and not exists (select from client_blocks b where b.client_id = clients.id)
      on conflict do nothing returning client_id
    )
    insert into audit_events (event, client_id, detail)
    select 'client_approved', client_id, ${describeChange(by)}::jsonb from approved returning id`.execute(db);
  return rows.length > 0;
}

/** @returns false when the client is not approved */
export async function disapproveClient(db: Database, { clientId, by }: StandingChange): Promise<boolean> {
  const { rows } = await sql`
    with disapproved as (delete from client_approvals where client_id = ${clientId} returning client_id)
    insert into audit_events (event, client_id, detail)
    select 'client_disapproved', client_id, ${describeChange(by)}::jsonb from disapproved returning id`.execute(db);
  return rows.length > 0;
}

function describeChange(by: string | undefined): string {
  return JSON.stringify({ by: by ?? 'command' });
}
