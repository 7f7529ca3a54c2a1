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
  await db.transaction().execute(async (transaction) => {
    // In the order in which admissions and settlements lock, so that none of them and this wait for each other.
    await sql`update account_limits set time_zone = ${timeZone} where account_id = ${accountId}`.execute(transaction);
    await sql`update accounts set time_zone = ${timeZone} where id = ${accountId}`.execute(transaction);
    await sql`select from grants where account_id = ${accountId} order by id collate "C" for update`.execute(
      transaction,
    );
    await sql`update grants set time_zone = ${timeZone} where account_id = ${accountId}`.execute(transaction);
    await sql`insert into audit_events (event, account_id, detail)
      values ('time_zone_changed', ${accountId}, jsonb_build_object('time_zone', ${timeZone}::text))`.execute(
      transaction,
    );
  });
  return true;
}
