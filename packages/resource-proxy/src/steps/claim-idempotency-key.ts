import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';

/** A client's own name for a request, under which the request is sent upstream once. */
export interface IdempotencyKey {
  /** The request may have been sent: under this name it is not sent again, unless it turns out to have come to nothing. */
  readonly spend: () => void;
  /** It was not reached or not billed: a retry is welcome. */
  readonly giveBack: () => void;
}

/** Visible ASCII and spaces, which a structured field's string is too (draft-ietf-httpapi-idempotency-key-header). */
const keyPattern = /^[\x20-\x7e]{1,255}$/;

/**
 * Takes the request's `Idempotency-Key` for it, when it has one; what does not come to be sent gives it back. Clients
 * that send one ask that a retry, theirs or a library's, is never paid for twice.
 *
 * @throws Denied `request_repeated` when a request of the same grant has it: answers are not kept, so there is none to repeat
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
    giveBack: () => {
      isKept = false;
    },
  };
}
