import type { Admission, AdmissionRequest } from '@aipassport/store/proxying';
import type { Call } from '../call.js';
import { type Denial, Denied } from '../denials/denial.js';
import { denialOfEnd, type GrantPlace } from '../denials/denial-of-end.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import { denialOfCut } from '../forwarding/denial-of-cut.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import type { Quote } from '../preparing/call-facts.js';
import type { LiveRequest } from '../revocation/live-requests.js';
import { countTokens, estimateCost } from './estimate-cost.js';

/** A request that was counted, and what was set aside for it; `settle` ends it. */
export interface Reservation {
  readonly request: AdmissionRequest;
  readonly admission: Extract<Admission, { verdict: 'admitted' }>;
  /** The call whose cost was set aside: counted, if its bound did not fit. */
  readonly call: Call;
  readonly quote: Quote;
}

export interface AdmissionCandidate {
  readonly exchange: Exchange;
  readonly claims: AccessTokenClaims;
  readonly call: Call;
  readonly quote: Quote;
  readonly live: LiveRequest;
  /** Estimates the call more closely; undefined: its estimate stands. */
  readonly refine: () => Promise<Call | undefined>;
}

/**
 * Asks the grant's row, by the database's clock, together with whoever else asks at this moment, and counts the request
 * and sets its cost aside when it may pass. Nothing is forwarded before the answer is here, and no answer of an earlier
 * request is used for a later one.
 *
 * @throws Denied
 */
export async function admit(
  { admit: ask, settler, issuer, isStopping }: Pick<ProxyDependencies, 'admit' | 'settler' | 'issuer' | 'isStopping'>,
  { exchange, claims, live, refine, ...candidate }: AdmissionCandidate,
): Promise<Reservation> {
  // Nobody is there any more, for instance: then nothing is counted.
  requireUncut(live);
  let { call, quote } = candidate;
  let request = describeRequest(exchange, claims, { call, quote });
  const askAgain = async () => {
    const refined = await refine();
    if (refined === undefined) return undefined;
    call = refined;
    quote = estimateCost(refined);
    request = describeRequest(exchange, claims, { call, quote });
    return request;
  };
  const admission = await ask(request, () => live.cutReason === undefined && !isStopping(), askAgain);
  if (admission.verdict !== 'admitted') {
    requireUncut(live);
    throw new Denied(denialOf(admission, { issuer, grantId: claims.grantId }));
  }
  const { requestId, grantId, accountId } = request;
  // For unforeseen failures. If the request has been settled already, this second settlement has no effect.
  exchange.cleanups.push(() => {
    if (!exchange.isHandedOver)
      settler.settle({ requestId, grantId, accountId, settlement: 'estimated', cost: undefined });
  });
  return { request, admission, call, quote };
}

function describeRequest(
  exchange: Exchange,
  claims: AccessTokenClaims,
  { call, quote }: Pick<AdmissionCandidate, 'call' | 'quote'>,
): AdmissionRequest {
  return {
    requestId: exchange.id,
    grantId: claims.grantId,
    accountId: claims.accountId,
    estimate: quote.worstCaseNanoUsd,
    floor: quote.floorNanoUsd,
    share: quote.shareNanoUsd,
    isOpen: quote.output?.isOpen ?? false,
    tokens: countTokens(quote),
    isStream: call.isStream,
    upstream: call.model.upstream,
    model: call.model.id,
    operation: call.match.operation.id,
  };
}

function requireUncut({ cutReason }: LiveRequest): void {
  if (cutReason !== undefined) throw new Denied(denialOfCut(cutReason));
}

function denialOf(admission: Exclude<Admission, { verdict: 'admitted' }>, place: GrantPlace): Denial {
  switch (admission.verdict) {
    case 'rate_limited':
    case 'token_rate_limited':
      return { reason: admission.verdict, retryAfterSeconds: admission.retryAfterSeconds };
    case 'too_many_streams':
      return { reason: 'too_many_streams' };
    case 'unknown':
    case 'revoked':
    case 'expired':
    case 'request_limit_reached':
      return denialOfEnd(admission.verdict, place);
    default:
      return admission.othersHold
        ? { reason: 'budget_held', retryAfterSeconds: admission.retryAfterSeconds }
        : denialOfEnd(admission.verdict, place);
  }
}
