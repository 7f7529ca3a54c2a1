import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/**
 * Repairs times in the future that remain after a clock was ahead and has been set back: counters of future days and
 * months, rate-limit buckets, and leases of dead replicas. Call it every minute. Any number of processes may do so.
 *
 * @returns whether this call completed a repair
 */
export async function watchClock(db: Database): Promise<boolean> {
  for (;;) {
    const { rows } = await sql<{ outcome: 'steady' | 'mending' | 'mended' }>`select watch_clock() as outcome`.execute(
      db,
    );
    if (rows[0]?.outcome !== 'mending') return rows[0]?.outcome === 'mended';
  }
}
