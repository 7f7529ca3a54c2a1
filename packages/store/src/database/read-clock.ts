import { sql } from 'kysely';
import type { Database } from './open-database.js';

/** The present time of the database's clock. */
export async function readClock(db: Database): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the database did not report its time');
  return row.now;
}
