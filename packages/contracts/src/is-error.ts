import { isNativeError } from 'node:util/types';

/**
 * Whether this is an error, of any realm: what Node.js itself throws, such as a socket's `ECONNRESET`, is not
 * `instanceof` the `Error` of code that runs in a `vm` context.
 */
export function isError(value: unknown): value is Error {
  return isNativeError(value) || value instanceof Error;
}
