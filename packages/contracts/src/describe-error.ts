import { isError } from './is-error.js';

/**
 * Describes an error for a server's log: its kind, message, code and stack. Libraries attach more to their errors, such
 * as the whole connection, or the row that a constraint refused. These additions are not logged.
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
