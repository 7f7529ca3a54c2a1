import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from './database/open-database.js';

const maxLooks = 3_000;
const pauseMilliseconds = 10;

/**
 * Waits until at least this many statements wait for a lock. For tests of concurrent requests.
 * @param db the test's own database
 */
export async function waitForLocks(db: Database, count: number): Promise<void> {
  for (let looks = 0; looks < maxLooks; looks += 1) {
    const { rows } = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
    if (rows.length >= count) return;
    await sleep(pauseMilliseconds);
  }
  throw new Error(`${count} statements did not wait for a lock`);
}
