import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@aipassport/store';
import { type Settlement, settleRequests } from '@aipassport/store/proxying';

export interface Settler {
  /** Takes note of how an admitted request ended; it is written soon, together with others, and exactly once. */
  readonly settle: (settlement: Settlement) => void;
  /** Waits until everything that was noted is written, or the time is over. @returns how many are not written */
  readonly drain: (timeoutMilliseconds: number) => Promise<number>;
}

export interface SettlerOptions {
  readonly db: Database;
  readonly onError: (error: unknown) => void;
  /** Told when it is written. */
  readonly onSettled?: (settlement: Settlement) => void;
}

/** Several settlements a statement cost less than one each; nobody waits for them. */
const gatherMilliseconds = 5;
const retryMilliseconds = 500;
const maxItems = 512;

/**
 * Writes settlements in batches, one batch at a time, and tries again for as long as the process lives: settling twice is
 * settling once. What a process cannot write before it ends is charged as set aside, by the others.
 */
export function createSettler({ db, onError, onSettled }: SettlerOptions): Settler {
  const pending: Settlement[] = [];
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    await sleep(gatherMilliseconds);
    while (pending.length > 0) {
      const batch = pending.slice(0, maxItems);
      try {
        await settleRequests(db, batch);
        pending.splice(0, batch.length);
        if (onSettled !== undefined) batch.forEach(onSettled);
      } catch (error) {
        onError(error);
        await sleep(retryMilliseconds, undefined, { ref: false });
      }
    }
    writing = undefined;
  }

  return {
    settle: (settlement) => {
      pending.push(settlement);
      writing ??= write();
    },
    drain: async (timeoutMilliseconds) => {
      await Promise.race([writing, sleep(timeoutMilliseconds, undefined, { ref: false })]);
      return pending.length;
    },
  };
}
