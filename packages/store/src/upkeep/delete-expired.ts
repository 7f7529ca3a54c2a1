import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { createStepSize, type StepSize } from '../database/step-size.js';

/**
 * The pause after each step, as a multiple of the step's duration. A worker therefore uses at most a fifth of one
 * connection's time.
 */
const restFactor = 4;

const rowsPerStep = 1_000;

/** The tables whose expired rows are removed: see `expiring_tables` in the database. */
export async function listExpiringTables(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from expiring_tables()`.execute(db);
  return rows.map(({ name }) => name);
}

export interface Removal {
  readonly table: string;
  /** The name of the process. One process at a time works on a table. */
  readonly worker: string;
  /** Stops the removal between two steps. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each step except the last one, with the number of rows that were removed until then. */
  readonly onStep?: ((removed: number) => void) | undefined;
}

/**
 * Removes expired rows from one table, in short steps with pauses. After an interruption, the next call continues.
 * @returns the number of removed rows; 0 also when another process is cleaning the table, or it was cleaned recently
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
