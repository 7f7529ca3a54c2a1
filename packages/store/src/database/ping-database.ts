import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';
import { readOnly } from './targets.js';

/** Checks that the database answers and accepts writes. @throws the driver's error */
export async function pingDatabase(db: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ setting: string }>`
    select current_setting('transaction_read_only') as setting`.execute(db);
  if (rows[0]?.setting !== 'off') throw Object.assign(new Error('the database accepts no writes'), { code: readOnly });
}
