import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { accountOf, isManaged, type ManagedClientKey, noteManager } from './client-manager.js';
import { mailOwner } from './owned-clients.js';

/** The maximum number of previous secrets of a client that work at the same time. */
const maxPreviousSecrets = 5;

export interface NewClientSecret {
  /** `hashSecret` of the new secret. */
  readonly secretHash: string;
  /** For how long the present secret still works. 0: the present secret ends now. */
  readonly overlapSeconds: number;
}

/**
 * Replaces the secret of a client, writes the audit row, and tells the owner, if the client has one. The previous
 * secret works for a while longer, at every replica.
 * @returns `unknown` when there is no such client, or it has no secret; `too_many` when the maximum number of previous
 * secrets still works. In both cases nothing is replaced
 */
export async function rotateClientSecret(
  db: Database,
  key: ManagedClientKey,
  { secretHash, overlapSeconds }: NewClientSecret,
): Promise<'rotated' | 'too_many' | 'unknown'> {
  return db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ secret_hash: string; name: string }>`
      select c.secret_hash, c.name from clients c
      where ${isManaged(key)} and c.secret_hash is not null for update of c`.execute(transaction);
    const [present] = rows;
    if (present === undefined) return 'unknown';
    const { clientId } = key;
    await sql`
      delete from previous_client_secrets where client_id = ${clientId} and expires_at <= now()`.execute(transaction);
    if (overlapSeconds > 0) {
      const kept = await sql`
        insert into previous_client_secrets (client_id, secret_hash, expires_at)
        select ${clientId}, ${present.secret_hash}, now() + make_interval(secs => ${overlapSeconds})
        where (select count(*) from previous_client_secrets where client_id = ${clientId}) < ${maxPreviousSecrets}
        returning client_id`.execute(transaction);
      if (kept.rows.length === 0) return 'too_many';
    }
    await sql`update clients set secret_hash = ${secretHash} where id = ${clientId}`.execute(transaction);
    await sql`
      insert into audit_events (event, account_id, client_id, detail)
      values ('client_secret_replaced', ${accountOf(key)}, ${clientId},
        jsonb_build_object('overlap_seconds', ${overlapSeconds}::integer) || ${noteManager(transaction, key)})`.execute(
      transaction,
    );
    await mailOwner(transaction, key, { event: 'client_secret_replaced', app: present.name });
    return 'rotated';
  });
}

/** Ends all previous secrets of a client now. @returns whether there were any */
export async function endPreviousSecrets(db: Database, key: ManagedClientKey): Promise<boolean> {
  const { rows } = await sql`
    with ended as (
      delete from previous_client_secrets p using clients c
      where c.id = p.client_id and ${isManaged(key)} and p.expires_at > now() returning p.client_id
    )
    insert into audit_events (event, account_id, client_id, detail)
    select 'client_secrets_ended', ${accountOf(key)}::text, client_id, ${noteManager(db, key)} from ended group by client_id returning id`.execute(
    db,
  );
  return rows.length > 0;
}

/** Whether this is the hash of a previous secret of the client that still works, by the database's clock. */
export async function isPreviousClientSecret(db: Database, clientId: string, secretHash: string): Promise<boolean> {
  const { rows } = await sql`
    select from previous_client_secrets
    where client_id = ${clientId} and secret_hash = ${secretHash} and expires_at > now()`.execute(db);
  return rows.length > 0;
}
