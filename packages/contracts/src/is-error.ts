import { isNativeError } from 'node:util/types';

/**
 * Whether this is an error, of any realm. Errors of Node.js itself, such as a socket's `ECONNRESET`, are not
 * `instanceof` the `Error` of code that runs in a `vm` context.
 */
export function isError(value: unknown): value is Error {
  return isNativeError(value) || value instanceof Error;
}
