import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/**
 * Changes the account's time zone, and with it the times at which the days and months of its limits begin.
 * @param timeZone an IANA name
 * @returns false when the database does not know the name; then nothing is changed
 */
export async function updateTimeZone(db: Database, accountId: string, timeZone: string): Promise<boolean> {
  // A stored name that PostgreSQL does not know would make every admission fail.
  const { rows } = await sql`select from pg_timezone_names where name = ${timeZone}`.execute(db);
  if (rows.length === 0) return false;
  await sql`select set_time_zone(${accountId}, ${timeZone})`.execute(db);
  return true;
}
