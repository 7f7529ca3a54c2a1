import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';

/**
 * An idempotency key, which the client chose for a request. While the key is claimed, no other request of the grant
 * with the same idempotency key is sent upstream.
 */
export interface IdempotencyKey {
  /** The request may have been sent. Keep the idempotency key, so that no retry is sent. */
  readonly spend: () => void;
  /** The upstream was not reached or did not bill. Release the idempotency key, so that a retry can be sent. */
  readonly release: () => void;
}

/** Visible ASCII and spaces, as in the string of a structured field (draft-ietf-httpapi-idempotency-key-header). */
const keyPattern = /^[\x20-\x7e]{1,255}$/;

/**
 * Claims the request's `Idempotency-Key`, if it has one. The idempotency key is released when the request is not sent.
 * A client sends an idempotency key so that the owner does not pay twice if the client, or its library, retries the
 * request.
 *
 * @throws Denied `field_invalid` for a malformed idempotency key; `request_repeated` when a request of the same grant
 * has the key. That request's answer cannot be sent again, because answers are not kept
 */
export async function claimIdempotencyKey(
  { idempotencyKeys }: Pick<ProxyDependencies, 'idempotencyKeys'>,
  { id, request, cleanups }: Exchange,
  { grantId }: AccessTokenClaims,
): Promise<IdempotencyKey | undefined> {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !keyPattern.test(key))
    throw new Denied({ reason: 'field_invalid', field: 'Idempotency-Key' });
  const name = { grantId, key, requestId: id };
  if (!(await idempotencyKeys.claim(name))) throw new Denied({ reason: 'request_repeated' });
  let isKept = false;
  cleanups.push(() => {
    if (!isKept) idempotencyKeys.release(name);
  });
  return {
    spend: () => {
      isKept = true;
    },
    release: () => {
      isKept = false;
    },
  };
}
