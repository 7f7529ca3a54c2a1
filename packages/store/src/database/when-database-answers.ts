import { setTimeout as sleep } from 'node:timers/promises';
import { isError } from '@aipassport/contracts';
import { isDatabaseUnavailable } from './is-database-unavailable.js';

export interface DatabaseWait {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each attempt that found no database, and of the time until the next. */
  readonly onUnavailable: (error: unknown, retryMilliseconds: number) => void;
}

/** The database is there, and does not let this program in: the operator has to change something. */
export class DatabaseRefusedError extends Error {
  override readonly name = 'DatabaseRefusedError';
}

const firstRetryMilliseconds = 250;
/** So soon at the latest a server notices that its database is there. */
const maxRetryMilliseconds = 5_000;

/**
 * Does what a server has to do with its database before it can serve, and does all of it again for as long as the
 * database cannot be reached or is too slow to answer: it may be about to start, or the machine may be busy.
 *
 * @param work may be done more than once, whole or in part
 * @throws DatabaseRefusedError for a wrong password, user or database
 * @throws whatever else does not get better by itself, and the signal's reason
 */
export async function whenDatabaseAnswers<Result>(
  work: () => Promise<Result>,
  { signal, onUnavailable }: DatabaseWait,
): Promise<Result> {
  for (let retryMilliseconds = firstRetryMilliseconds; ; retryMilliseconds *= 2) {
    signal?.throwIfAborted();
    const milliseconds = Math.min(retryMilliseconds, maxRetryMilliseconds);
    try {
      return await work();
    } catch (error) {
      if (isRefusal(error))
        throw new DatabaseRefusedError(`the database does not let this program in: ${error.message}`, { cause: error });
      if (!isDatabaseUnavailable(error)) throw error;
      onUnavailable(error, milliseconds);
    }
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}

/** Authorization was refused, or there is no such database (PostgreSQL, appendix A). Its words hold no password. */
function isRefusal(error: unknown): error is Error {
  return isError(error) && 'code' in error && /^(28|3D)/.test(String(error.code));
}
