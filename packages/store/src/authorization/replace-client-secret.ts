import { sql } from 'kysely';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { insertAuditEvent } from './audit-events.js';

export interface ReplacedSecret {
  readonly clientId: string;
  /** `hashSecret` of the new secret. */
  readonly secretHash: string;
  /** For how long the present secret still works. 0: the present secret ends now. */
  readonly overlapSeconds: number;
}

/**
 * Replaces the secret of a client that belongs to no account, for an operator, and writes the audit row. The previous
 * secret works for a while longer, at every authorization server.
 * @returns false when the client is unknown, has no secret, or has this one already; then nothing is changed
 */
export async function replaceClientSecret(
  db: Database,
  { clientId, secretHash, overlapSeconds }: ReplacedSecret,
): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    const { rows } = await sql<{ secret_hash: string }>`
      select secret_hash from clients
      where id = ${clientId} and secret_hash <> ${secretHash} for update`.execute(transaction);
    const [present] = rows;
    if (present === undefined) return false;
    if (overlapSeconds > 0)
      await sql`
        insert into previous_client_secrets (client_id, secret_hash, expires_at)
        values (${clientId}, ${present.secret_hash}, now() + make_interval(secs => ${overlapSeconds}))
        on conflict (client_id, secret_hash) do update set expires_at = excluded.expires_at`.execute(transaction);
    await sql`update clients set secret_hash = ${secretHash} where id = ${clientId}`.execute(transaction);
    const detail = { by: 'command', overlap_seconds: overlapSeconds };
    await insertAuditEvent(transaction, { event: 'client_secret_replaced', clientId, detail });
    return true;
  });
}

/** Ends all previous secrets of a client now, for an operator. @returns whether there were any */
export async function endEarlierSecrets(db: Database, clientId: string): Promise<boolean> {
  const { rows } = await sql`
    with ended as (
      delete from previous_client_secrets where client_id = ${clientId} and expires_at > now() returning client_id
    )
    insert into audit_events (event, client_id, detail)
    select 'client_secrets_ended', client_id, '{"by": "command"}' from ended group by client_id returning id`.execute(
    db,
  );
  return rows.length > 0;
}
