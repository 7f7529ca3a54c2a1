import { setTimeout as sleep } from 'node:timers/promises';
import type { MigrationSession } from './migration-session.js';
import { isDeadlock, isLockNotAvailable } from './sql-state.js';
import { watchLocks } from './watch-locks.js';

const firstPauseMilliseconds = 1_000;
const maxPauseMilliseconds = 15_000;

interface LockingWork {
  /** Names the work in messages. */
  readonly names: string;
  /**
   * The limit for the sum of all lock waits of one attempt. Undefined: the sum has no limit. A transaction limits each
   * single wait in both cases.
   */
  readonly maxWaitMilliseconds?: number | undefined;
}

/** Runs the work. Retries while other sessions have locks that the work needs, and reports what the work waits for. */
export async function retryWhileLocked(
  { db, pid, signal, report }: MigrationSession,
  { names, maxWaitMilliseconds }: LockingWork,
  work: () => Promise<void>,
): Promise<void> {
  for (let pause = firstPauseMilliseconds; ; pause = Math.min(2 * pause, maxPauseMilliseconds)) {
    signal?.throwIfAborted();
    const watch = watchLocks(db, {
      pid,
      maxWaitMilliseconds,
      onProgress: (seconds, waitsFor) =>
        report(`${names}: for ${seconds} s now${waitsFor === undefined ? '' : `, waiting for ${waitsFor}`}.`),
    });
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted === true || !(isLockNotAvailable(error) || isDeadlock(error) || watch.wasCancelled()))
        throw error;
      const waitedFor = watch.describe() ?? 'a lock that another process held';
      report(`${names}: waited for ${waitedFor}. Nothing was changed; it is tried again in ${pause / 1_000} s.`);
    } finally {
      await watch.stop();
    }
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}
