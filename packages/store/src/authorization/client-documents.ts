import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { insertAuditEvent } from './audit-events.js';
import { endApprovalIfChanged } from './client-standing.js';
import { type NewClient, upsertClient } from './clients.js';

/**
 * The state of the stored copy of a client's metadata document. `stale`: the copy may be used only if the host is down.
 * `expired`: the copy may not be used. `missing`: there is no such client. `registered`: the operator added the client,
 * without a document.
 */
export type DocumentCopy = 'fresh' | 'stale' | 'expired' | 'missing' | 'registered';

/**
 * A copy that is no longer fresh may still be used for this long if the host is down (`stale-if-error`, RFC 5861
 * section 4).
 */
const staleHours = 24;

export async function findDocumentCopy(db: Database, clientId: string): Promise<DocumentCopy> {
  const row = await db
    .selectFrom('clients as c')
    .leftJoin('client_documents as d', 'd.client_id', 'c.id')
    .select([
      'c.registered_by',
      sql<boolean>`coalesce(d.fresh_until > now(), false)`.as('is_fresh'),
      sql<boolean>`coalesce(d.fresh_until > now() - make_interval(hours => ${staleHours}), false)`.as('is_usable'),
    ])
    .where('c.id', '=', clientId)
    .executeTakeFirst();
  if (row === undefined) return 'missing';
  if (row.registered_by === 'operator') return 'registered';
  if (row.is_fresh) return 'fresh';
  return row.is_usable ? 'stale' : 'expired';
}

/** Makes the copy of a document unusable, because the host has withdrawn the document or made it unusable. */
export async function expireDocumentCopy(db: Database, clientId: string): Promise<void> {
  await db
    .updateTable('client_documents')
    .set({ fresh_until: sql<Date>`'-infinity'` })
    .where('client_id', '=', clientId)
    .execute();
}

/**
 * Stores the metadata of a client's document, which is fresh for `freshSeconds`. If several replicas read a new
 * document at the same time, only one of them writes the audit row.
 */
export async function storeClientDocument(
  db: Database,
  client: Omit<NewClient, 'secretHash' | 'registeredBy'>,
  freshSeconds: number,
): Promise<void> {
  const freshUntil = sql<Date>`now() + make_interval(secs => ${freshSeconds})`;
  await db.transaction().execute(async (transaction) => {
    await endApprovalIfChanged(transaction, client);
    await upsertClient(transaction, { ...client, secretHash: undefined, registeredBy: 'registration' });
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('client_documents')
      .values({ client_id: client.id, fresh_until: freshUntil })
      .onConflict((conflict) => conflict.column('client_id').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 1n)
      return insertAuditEvent(transaction, { event: 'client_registered', clientId: client.id });
    await transaction
      .updateTable('client_documents')
      .set({ fresh_until: freshUntil })
      .where('client_id', '=', client.id)
      .execute();
  });
}
