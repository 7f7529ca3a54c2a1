import type { ErrorCode } from './error-code.js';
import type { ErrorDescription } from './error-description.js';

/** Some SDKs obey this header. They do not retry a request that fails until the owner has changed something. */
export const final = { 'x-should-retry': 'false' };

/** A refusal that a retry would not change. */
export function refusal(status: number, code: ErrorCode, message: string): ErrorDescription {
  return { status, code, message, headers: final };
}
