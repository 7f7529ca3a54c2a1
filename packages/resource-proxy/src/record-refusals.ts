import { type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import type { ProxyDependencies } from './dependencies.js';

const intervalMilliseconds = 10_000;

/** Adds the refusals of this proxy to the counts of all servers, every ten seconds and at the end. */
export function recordRefusals({ db, log, refusals }: Pick<ProxyDependencies, 'db' | 'log' | 'refusals'>): Repetition {
  const flush = () =>
    refusals
      .flush(db)
      .catch((error: unknown) =>
        log.warn(
          { event: 'refusals_not_recorded', err: error },
          'the counts of refusals are kept, and written at the next attempt',
        ),
      );
  const repetition = repeatUntilClosed(intervalMilliseconds, flush);
  return {
    close: async () => {
      await repetition.close();
      await flush();
    },
  };
}
