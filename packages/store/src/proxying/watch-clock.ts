import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/**
 * Mends what a clock that was ahead, and has been set back, left in the future: counters of days that are to come, buckets
 * that fill up next year, leases of the dead that do not end. To be called every minute, by any number of processes.
 *
 * @returns whether the clock had been set back
 */
export async function watchClock(db: Database): Promise<boolean> {
  for (;;) {
    const { rows } = await sql<{ outcome: 'steady' | 'mending' | 'mended' }>`select watch_clock() as outcome`.execute(
      db,
    );
    if (rows[0]?.outcome !== 'mending') return rows[0]?.outcome === 'mended';
  }
}
