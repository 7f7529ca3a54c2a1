import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { type NewClient, upsertClient } from './clients.js';

/** Whether the stored copy of a client's metadata document is fresh. False when there is none. */
export async function isDocumentFresh(db: Database, clientId: string): Promise<boolean> {
  const row = await db
    .selectFrom('client_documents')
    .select('client_id')
    .where('client_id', '=', clientId)
    .where('fresh_until', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row !== undefined;
}

/** Stores the metadata of a client's document, which is fresh for `freshSeconds`. */
export async function storeClientDocument(
  db: Database,
  client: Omit<NewClient, 'secretHash' | 'registeredBy'>,
  freshSeconds: number,
): Promise<void> {
  const freshUntil = sql<Date>`now() + make_interval(secs => ${freshSeconds})`;
  await db.transaction().execute(async (transaction) => {
    await upsertClient(transaction, { ...client, secretHash: undefined, registeredBy: 'registration' });
    await transaction
      .insertInto('client_documents')
      .values({ client_id: client.id, fresh_until: freshUntil })
      .onConflict((conflict) => conflict.column('client_id').doUpdateSet({ fresh_until: freshUntil }))
      .execute();
  });
}
