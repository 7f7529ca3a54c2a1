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

/** An admitted request and its reservation. `settle` ends it. */
export interface Reservation {
  readonly request: AdmissionRequest;
  readonly admission: Extract<Admission, { verdict: 'admitted' }>;
  /** The call whose cost is reserved. It may be the refined call, if the first estimate did not fit the budget. */
  readonly call: Call;
  readonly quote: Quote;
}

type AdmissionDependencies = Pick<ProxyDependencies, 'admissionQueue' | 'settler' | 'issuer' | 'isStopping'>;

export interface AdmissionCandidate {
  readonly exchange: Exchange;
  readonly claims: AccessTokenClaims;
  readonly call: Call;
  readonly quote: Quote;
  readonly live: LiveRequest;
  /** Estimates the call more precisely. Returns undefined when the first estimate stays. */
  readonly refine: () => Promise<Call | undefined>;
}

/**
 * Asks the database whether the grant's limits allow this request. If they do, the request is counted and its cost is
 * reserved. Nothing is forwarded before that, and the verdict is not reused for a later request.
 *
 * @throws Denied
 */
export async function admit(
  { admissionQueue, settler, issuer, isStopping }: AdmissionDependencies,
  { exchange, claims, live, refine, ...candidate }: AdmissionCandidate,
): Promise<Reservation> {
  // A request that has been cut, for instance because the client has left, is not counted.
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
  const admission = await admissionQueue.admit(request, () => live.cutReason === undefined && !isStopping(), askAgain);
  if (admission.verdict !== 'admitted') {
    requireUncut(live);
    throw new Denied(denialOf(admission, { issuer, grantId: claims.grantId }));
  }
  const { requestId, grantId, accountId } = request;
  // This cleanup is for unforeseen failures. It has no effect if the request has been settled already.
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
    proofHash: exchange.proofHash,
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
      return { reason: 'too_many_streams', retryAfterSeconds: 1 };
    case 'proof_used':
      return { reason: 'proof_used' };
    default:
      return 'mayFitLater' in admission && admission.mayFitLater
        ? { reason: 'budget_held', retryAfterSeconds: admission.retryAfterSeconds }
        : denialOfEnd(admission.verdict, place);
  }
}
