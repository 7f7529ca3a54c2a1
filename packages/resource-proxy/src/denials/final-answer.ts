import type { ErrorCode } from './error-code.js';
import type { ErrorDescription } from './error-description.js';

/** Some SDKs obey this header: they do not retry what an owner must change first. */
export const final = { 'x-should-retry': 'false' };

/** A refusal that a retry would not change. */
export function refusal(status: number, code: ErrorCode, message: string): ErrorDescription {
  return { status, code, message, headers: final };
}
