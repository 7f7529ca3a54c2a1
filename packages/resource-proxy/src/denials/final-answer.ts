import type { ErrorCode } from './error-code.js';
import type { ErrorDescription } from './error-description.js';

/**
 * The header for a refusal that stays the same until the owner or the client has changed something. SDKs that know this
 * header do not retry the request.
 */
export const final = { 'x-should-retry': 'false' };

/** A refusal that a retry would not change. */
export function refusal(status: number, code: ErrorCode, message: string): ErrorDescription {
  return { status, code, message, headers: final };
}
