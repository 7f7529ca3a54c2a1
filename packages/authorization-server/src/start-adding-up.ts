import { type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import { addUpUsage, type Database } from '@aipassport/store';
import type { Logger } from 'pino';

const intervalMilliseconds = 30_000;

/**
 * Adds up the sums that pages show, every 30 seconds. Only one server does this at a time; the database decides which
 * one.
 */
export function startAddingUp(db: Database, log: Logger): Repetition {
  return repeatUntilClosed(intervalMilliseconds, (signal) =>
    addUpUsage(db, signal).catch((error: unknown) => {
      if (!signal.aborted)
        log.warn(
          { event: 'adding_up_failed', err: error },
          'the sums could not be added up; the next attempt is in 30 seconds',
        );
    }),
  );
}
