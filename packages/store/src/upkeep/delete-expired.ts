import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { createStepSize, type StepSize } from '../database/step-size.js';

/** Of the database's time a worker in the background takes a fifth of one connection's at most. */
const restFactor = 4;

const rowsPerStep = 1_000;

/** The tables of which something is removed when its time is over: see `expiring_tables` in the database. */
export async function listExpiringTables(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from expiring_tables()`.execute(db);
  return rows.map(({ name }) => name);
}

export interface Removal {
  readonly table: string;
  /** Names the process: of any number one works at a table. */
  readonly worker: string;
  /** Ends it between two steps. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each step how many rows have been removed. */
  readonly onStep?: ((removed: number) => void) | undefined;
}

/**
 * Removes from one table what is over, in short steps with rests between them. Interrupted, the next call goes on where it was.
 * @returns how many rows were removed; none too when another process is at it, or it was done lately
 */
export async function deleteExpired(db: Database, { table, worker, signal, onStep }: Removal): Promise<number> {
  const size = createStepSize(rowsPerStep);
  let removed = 0;
  for (;;) {
    signal?.throwIfAborted();
    const beganAt = performance.now();
    const step = await takeStep(db, size, { table, worker });
    removed += step.removed;
    if (!step.hasMore) return removed;
    onStep?.(removed);
    await sleep((performance.now() - beganAt) * restFactor, undefined, { signal });
  }
}

async function takeStep(
  db: Database,
  size: StepSize,
  { table, worker }: Removal,
): Promise<{ readonly removed: number; readonly hasMore: boolean }> {
  try {
    const { rows } = await sql<{ removed: number; has_more: boolean }>`
      select removed, has_more from delete_expired(${table}, ${worker}, ${size.rows})`.execute(db);
    return { removed: rows[0]?.removed ?? 0, hasMore: rows[0]?.has_more === true };
  } catch (error) {
    size.shrink(error);
    return { removed: 0, hasMore: true };
  }
}
