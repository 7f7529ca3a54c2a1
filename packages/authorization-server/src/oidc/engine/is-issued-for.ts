import { createHash } from 'node:crypto';
import { isEqual } from '../../text/is-equal.js';

interface Redeemer {
  readonly clientId: string | undefined;
  /** SECRET. `code_verifier` (RFC 7636). */
  readonly codeVerifier: unknown;
}

/**
 * Whether the request that redeems a stored code comes from the client that got the code, and knows the verifier of the
 * code.
 *
 * Assumption: the payload of a code has the members clientId and codeChallenge.
 */
export function isIssuedFor(payload: Readonly<Record<string, unknown>>, { clientId, codeVerifier }: Redeemer): boolean {
  if (clientId === undefined || payload['clientId'] !== clientId || typeof codeVerifier !== 'string') return false;
  return isEqual(createHash('sha256').update(codeVerifier).digest('base64url'), String(payload['codeChallenge']));
}
