import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';

/** A client's own name for a request, under which the request is sent upstream once. */
export interface IdempotencyKey {
  /** The request may have been sent. Keep the key, so that no retry is sent. */
  readonly spend: () => void;
  /** The upstream was not reached or did not bill. Release the key, so that a retry is sent. */
  readonly release: () => void;
}

/** Visible ASCII and spaces, which a structured field's string is too (draft-ietf-httpapi-idempotency-key-header). */
const keyPattern = /^[\x20-\x7e]{1,255}$/;

/**
 * Claims the request's `Idempotency-Key`, if it has one. The key is released when the request is not sent. Clients that
 * send a key ask that a retry, theirs or a library's, is never paid for twice.
 *
 * @throws Denied `request_repeated` when a request of the same grant has the key. Answers are not kept, so none can be repeated
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
