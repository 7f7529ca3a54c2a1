import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';

/**
 * Checks that the database answers and accepts writes.
 * @throws the driver's error
 */
export async function pingDatabase(db: Kysely<Schema>): Promise<void> {
  await db.connection().execute(async (connection) => {
    const { rows } = await sql<{ setting: string }>`
      select current_setting('transaction_read_only') as setting`.execute(connection);
    // A PostgreSQL that accepts no writes refuses this statement. Then the pool closes the connection and tries another
    // host next. If PostgreSQL accepts writes after all, the statement changes nothing.
    if (rows[0]?.setting !== 'off') await sql`drop table if exists pg_temp.nothing`.execute(connection);
  });
}
