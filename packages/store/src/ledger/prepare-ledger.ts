import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { isLockNotAvailable } from '../database/sql-state.js';
import { createStepSize, type StepSize } from '../database/step-size.js';

/**
 * The result of one step. `moving`: rows of the default partition are being moved to their months. `made`: a month's
 * partition was created. `ready`: nothing is left to do. `busy`: another process is doing this.
 */
type LedgerStep = 'moving' | 'made' | 'ready' | 'busy';

/** A step of this size takes about twenty milliseconds. */
const rowsPerStep = 2_000;
/**
 * The pause before the next attempt to get a lock. It is much longer than the lock timeout, because settlements queue
 * behind a statement that waits for a lock.
 */
export const lockRetryMilliseconds = 3_000;

export interface LedgerPreparation {
  /** Stops the preparation between two steps. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The pause after each step, as a multiple of the step's duration. With the default, the preparation uses at most a
   * fifth of one connection's time.
   */
  readonly restFactor?: number | undefined;
  /** Called after each step that did something. */
  readonly onStep?: ((step: 'moving' | 'made') => void) | undefined;
  /**
   * Called when a lock is not free because a backup or a vacuum reads the ledger; the step is then retried. Without
   * this callback, the preparation throws.
   */
  readonly onWaiting?: (() => void) | undefined;
}

/**
 * Creates the partitions of this month and the next three, and moves rows out of the default partition. It may run
 * while requests are served: admissions and settlements wait for it no longer than the lock timeout of a step, 0.3 s.
 * After an interruption, the next call continues.
 *
 * @returns `ready` when nothing is left to do; `busy` when another process does it
 */
export async function prepareLedger(
  db: Database,
  { signal, restFactor = 4, onStep, onWaiting }: LedgerPreparation = {},
): Promise<'ready' | 'busy'> {
  const size = createStepSize(rowsPerStep);
  for (;;) {
    signal?.throwIfAborted();
    const beganAt = performance.now();
    const step = await takeStep(db, size, onWaiting !== undefined);
    if (step === 'ready' || step === 'busy') return step;
    if (step === 'locked') onWaiting?.();
    else if (step !== 'shrunk') onStep?.(step);
    const restMilliseconds = step === 'locked' ? lockRetryMilliseconds : (performance.now() - beganAt) * restFactor;
    await sleep(restMilliseconds, undefined, { signal });
  }
}

async function takeStep(db: Database, size: StepSize, mayWait: boolean): Promise<LedgerStep | 'locked' | 'shrunk'> {
  try {
    const { rows } = await sql<{ step: LedgerStep }>`select prepare_ledger(${size.rows}) as step`.execute(db);
    return rows[0]?.step ?? 'ready';
  } catch (error) {
    if (mayWait && isLockNotAvailable(error)) return 'locked';
    size.shrink(error);
    return 'shrunk';
  }
}
