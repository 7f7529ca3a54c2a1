import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';

/** Whether the database answers at all. @throws what the driver throws when it does not */
export async function pingDatabase(db: Kysely<Schema>): Promise<void> {
  await sql`select 1`.execute(db);
}
