import { setTimeout as sleep } from 'node:timers/promises';
import { isDatabaseUnavailable, isSchemaMismatch } from './is-database-unavailable.js';
import { SchemaError } from './migrate.js';
import { DatabaseRestored } from './require-mark.js';
import { isLoginRefused, readOnly, readSqlState } from './sql-state.js';

export interface DatabaseWait {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each failed attempt, with the time until the next attempt. */
  readonly onWaiting: (problem: DatabaseProblem, retryMilliseconds: number) => void;
}

/** Why a server cannot use its database. */
export interface DatabaseProblem {
  /** The health check that fails because of the problem. */
  readonly check: 'database' | 'schema';
  /** Public: the message may name versions, but no host name, IP address, user or secret. */
  readonly message: string;
  readonly error: unknown;
}

const firstRetryMilliseconds = 250;
/** The longest time until a server notices that its database answers again. */
const maxRetryMilliseconds = 5_000;

/**
 * Runs the work that a server has to do with its database before it can serve. All of the work is repeated while the
 * database cannot be reached, is too slow to answer, refuses the login of the server, has a schema that the server
 * cannot use, or was restored from a backup. The operator fixes each of these in the database. If the server exited
 * instead, it would be restarted again and again.
 *
 * @param work may run more than once, in whole or in part
 * @throws the signal's reason when the signal ends the wait, and at once every error that is not one of these problems:
 * repeating the work would not help
 */
export async function whenDatabaseAnswers<Result>(
  work: () => Promise<Result>,
  { signal, onWaiting }: DatabaseWait,
): Promise<Result> {
  for (let retryMilliseconds = firstRetryMilliseconds; ; retryMilliseconds *= 2) {
    signal?.throwIfAborted();
    const milliseconds = Math.min(retryMilliseconds, maxRetryMilliseconds);
    try {
      return await work();
    } catch (error) {
      const problem = findDatabaseProblem(error);
      if (problem === undefined) throw error;
      onWaiting(problem, milliseconds);
    }
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}

/** @returns undefined for an error that is not about the state of the database */
export function findDatabaseProblem(error: unknown): DatabaseProblem | undefined {
  if (error instanceof SchemaError) return { check: 'schema', message: error.message, error };
  if (error instanceof DatabaseRestored) return { check: 'database', message: error.message, error };
  if (isSchemaMismatch(error))
    return {
      check: 'schema',
      message: 'the database lacks something that this version uses; run `aipassport init`',
      error,
    };
  if (isLoginRefused(error))
    return {
      check: 'database',
      message: 'the database refuses the login of this server: see the log of the database',
      error,
    };
  if (isDatabaseUnavailable(error)) return { check: 'database', message: describeOutage(error), error };
  return undefined;
}

function describeOutage(error: unknown): string {
  const isReadOnly = readSqlState(error) === readOnly;
  return isReadOnly ? 'the database accepts no writes' : 'the database cannot be reached';
}
