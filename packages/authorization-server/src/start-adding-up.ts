import { setTimeout as sleep } from 'node:timers/promises';
import { addUpUsage, type Database } from '@aipassport/store';
import type { Logger } from 'pino';

const intervalMilliseconds = 30_000;

/**
 * Adds up the sums that pages show, every half a minute. One of all servers does this at a time; the database decides
 * which one.
 */
export function startAddingUp(db: Database, log: Logger): { readonly close: () => Promise<void> } {
  const closing = new AbortController();
  const { signal } = closing;

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await addUpUsage(db, signal).catch((error: unknown) => {
        if (!signal.aborted) log.warn({ event: 'adding_up_failed', err: error }, 'it is tried again in half a minute');
      });
      await sleep(intervalMilliseconds, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
