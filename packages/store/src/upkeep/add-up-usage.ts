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

/**
 * Adds up the sums that pages show, in short steps with pauses: see `add_up_usage` in the database. After an
 * interruption, the next call continues. While another process does this, the call returns at once.
 * @param signal stops the work between two steps
 */
export async function addUpUsage(db: Database, signal?: AbortSignal): Promise<void> {
  const size = createStepSize(rowsPerStep);
  for (;;) {
    signal?.throwIfAborted();
    const beganAt = performance.now();
    if (!(await takeStep(db, size))) return;
    await sleep((performance.now() - beganAt) * restFactor, undefined, { signal });
  }
}

async function takeStep(db: Database, size: StepSize): Promise<boolean> {
  try {
    const { rows } = await sql<{ has_more: boolean }>`select add_up_usage(${size.rows}) as has_more`.execute(db);
    return rows[0]?.has_more === true;
  } catch (error) {
    size.shrink(error);
    return true;
  }
}
