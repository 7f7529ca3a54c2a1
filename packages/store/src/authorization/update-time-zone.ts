import { sql } from 'kysely';
import { passRequestSource } from '../audit/request-source.js';
import { inTransaction } from '../database/in-transaction.js';
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
  await inTransaction(db, async (transaction) => {
    await passRequestSource(transaction);
    await sql`select set_time_zone(${accountId}, ${timeZone})`.execute(transaction);
  });
  return true;
}

/**
 * Gives an account the time zone of its owner's browser, if it has UTC only because no time zone was known.
 * @param timeZone an IANA name
 */
export async function setFirstTimeZone(transaction: Database, accountId: string, timeZone: string): Promise<void> {
  if (timeZone === 'UTC') return;
  await passRequestSource(transaction);
  await sql`
    select set_time_zone(a.id, ${timeZone})
    from accounts a left join account_settings s on s.account_id = a.id
    where a.id = ${accountId} and a.time_zone = 'UTC' and s.has_chosen_time_zone is not true
      and exists (select from pg_timezone_names where name = ${timeZone})`.execute(transaction);
}
