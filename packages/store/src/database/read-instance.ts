import { sql } from 'kysely';
import type { Database } from './open-database.js';

/**
 * Identifies a database by a hash of the microsecond in which its first migration was applied. The hash is not secret.
 * A copy of the database, such as a restored backup, has the same hash.
 */
export async function readInstance(db: Database): Promise<string | undefined> {
  const { rows } = await sql<{ instance: string }>`
    select left(encode(sha256(convert_to(extract(epoch from applied_at)::text, 'UTF8')), 'hex'), 16) as instance
    from migrations order by name limit 1`.execute(db);
  return rows[0]?.instance;
}
