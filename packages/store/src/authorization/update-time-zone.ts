import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/**
 * Moves the account's calendar, and with it where the days and months of its limits begin.
 * @param timeZone an IANA name
 * @returns false when the database does not know the name; then nothing is changed
 */
export async function updateTimeZone(db: Database, accountId: string, timeZone: string): Promise<boolean> {
  // A name that this fails on would fail every admission.
  const { rows } = await sql`select from pg_timezone_names where name = ${timeZone}`.execute(db);
  if (rows.length === 0) return false;
  await sql`select set_time_zone(${accountId}, ${timeZone})`.execute(db);
  return true;
}
