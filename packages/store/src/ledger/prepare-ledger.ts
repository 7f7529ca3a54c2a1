import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { isLockNotAvailable } from '../database/is-lock-not-available.js';
import type { Database } from '../database/open-database.js';
import { createStepSize, type StepSize } from '../database/step-size.js';

/**
 * What one step came to. `moving`: rows of the default partition are being moved where they belong. `made`: the partition of
 * a month. `ready`: there is nothing left to do. `busy`: another process is at it.
 */
type LedgerStep = 'moving' | 'made' | 'ready' | 'busy';

/** Some twenty milliseconds. */
const rowsPerStep = 2_000;
/** Much longer than a lock is waited for, during which settlements wait behind it. */
export const lockRetryMilliseconds = 3_000;

export interface LedgerPreparation {
  /** Ends it between two steps. */
  readonly signal?: AbortSignal | undefined;
  /** After a step it rests this many times as long: by default a fifth of one connection's time is used at most. */
  readonly restFactor?: number | undefined;
  /** Told of each step that did something. */
  readonly onStep?: ((step: 'moving' | 'made') => void) | undefined;
  /** Told when a lock is not free, since a backup or a vacuum reads the ledger; it is tried again. Without it, that throws. */
  readonly onWaiting?: (() => void) | undefined;
}

/**
 * Makes the partitions of this month and the next three, and moves rows that were written while there was none. It may run
 * while requests are served: neither admissions nor settlements wait for it. Interrupted, it goes on where it was.
 *
 * @returns `busy` when another process does it
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
