import { isError } from './is-error.js';

/**
 * An error as it may stand in a server's log: what it is and where it came from. Libraries hang more on their errors,
 * such as the whole connection, or the row that a constraint refused: none of that is written.
 */
export function describeError(error: unknown): unknown {
  if (!isError(error)) return { type: typeof error };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    stack: error.stack,
    ...('errors' in error && Array.isArray(error.errors) ? { errors: error.errors.map(describeError) } : {}),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
