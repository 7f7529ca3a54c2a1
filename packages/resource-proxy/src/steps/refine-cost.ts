import { type CountedInput, totalInputTokens } from '@aipassport/policy';
import type { Call, CallContent } from '../call.js';
import { askVendor } from '../counting/ask-vendor.js';
import { findCounting } from '../counting/find-counting.js';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import { denialOfCut } from '../forwarding/denial-of-cut.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import { estimateCallCost, tryCost } from '../preparing/estimate-call-cost.js';
import type { CountOrder, PreparedBody } from '../preparing/prepare-body.js';
import type { LiveRequest } from '../revocation/live-requests.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import { requireLiveGrant } from './require-live-grant.js';

export interface CostToRefine {
  readonly exchange: Exchange;
  readonly claims: AccessTokenClaims;
  readonly call: Call;
  readonly live: LiveRequest;
}

/**
 * Input with fewer tokens is not counted. At $10 for a million tokens it costs less than a cent, so a count would save
 * little.
 */
const leastTokens = 1_000;

/**
 * Counts the input of a call when the upper bound of its cost is more than is left of a budget. The bound needs no
 * count, but can be five times too high. A call whose input cannot be counted keeps its bound.
 *
 * @returns the same call with the cost of the counted input; undefined when it keeps its bound
 */
export async function refineCost(deps: ProxyDependencies, refining: CostToRefine): Promise<Call | undefined> {
  const { exchange, call, claims } = refining;
  if (!call.cost.ok) return undefined;
  if (call.content.kind === 'upload')
    return call.content.upload.measured === undefined ? measureUpload(deps, refining, call.content) : undefined;
  if (Math.max(...call.cost.quote.inputs.map(totalInputTokens)) < leastTokens) return undefined;
  const { prepared, bodyReservation } = call.content;
  // The vendor may be asked for the count before the admission checks the proof. So first check that the proof has not
  // been used.
  if (exchange.proofHash !== undefined) await requireLiveGrant(deps, exchange, claims);
  return deps.counts.run(claims.grantId, async () => {
    const counted = await count(deps, refining, prepared);
    const recounted = counted && (await prepared.recount(counted));
    if (recounted === undefined) return undefined;
    refining.exchange.cleanups.push(recounted.discard);
    return { ...call, cost: recounted.facts.cost, content: { kind: 'json', prepared: recounted, bodyReservation } };
  });
}

/**
 * Measures a recording whose size does not bound its length. Other calls stay as they are.
 * @returns the same call; its cost is a denial if the recording cannot be measured
 */
export async function boundRecording(deps: ProxyDependencies, refining: CostToRefine): Promise<Call> {
  const { call } = refining;
  const isUnbounded = !call.cost.ok && call.cost.denial.reason === 'cost_unbounded';
  if (call.content.kind !== 'upload' || !isUnbounded) return call;
  return (await measureUpload(deps, refining, call.content)) ?? call;
}

/**
 * Reads the whole form, and measures the recording in it by its packets.
 * @returns the same call with the measured length; undefined when the recording cannot be measured
 */
async function measureUpload(
  deps: ProxyDependencies,
  { claims, call, live }: CostToRefine,
  { form, upload }: Extract<CallContent, { kind: 'upload' }>,
): Promise<Call | undefined> {
  const { pieces, fieldBytes } = await upload.takeFile();
  const findCut = () => (live.cutReason === undefined ? undefined : denialOfCut(live.cutReason));
  const seconds = await deps.bodyWorkers
    .measure({ owner: claims, findCut, task: { purpose: 'measuring', pieces } })
    .catch(toUndefined);
  if (seconds === undefined) return undefined;
  const content = {
    kind: 'upload',
    form,
    upload: { ...upload, measured: { seconds, textTokens: fieldBytes } },
  } as const;
  const priced = { operation: call.match.operation, model: call.model, content, nowMilliseconds: deps.now() };
  return { ...call, content, cost: tryCost(() => estimateCallCost(deps.prices, priced)).cost };
}

async function count(
  deps: ProxyDependencies,
  { exchange, claims, call }: CostToRefine,
  prepared: PreparedBody,
): Promise<CountOrder | undefined> {
  const { operation } = call.match;
  const input = await askForCount(deps, { exchange, claims, call }, prepared);
  if (upstreamApis[operation.dialect].counting.kind === 'texts')
    return { kind: 'texts', media: input && { tokens: input.tokens, parts: prepared.facts.mediaParts } };
  return input && { kind: 'input', input };
}

async function askForCount(
  deps: ProxyDependencies,
  { exchange, claims, call }: Omit<CostToRefine, 'live'>,
  prepared: PreparedBody,
): Promise<CountedInput | undefined> {
  const { operation } = call.match;
  const counting = findCounting(deps.models.upstreams, operation);
  if (counting === undefined) return undefined;
  const body = await prepared.composeCount();
  if (body === undefined) return undefined;
  // Read the provider key from the database again, so that a deleted provider key is not used.
  const providerKey = await deps.providerKeys.find(claims.accountId, operation.upstream).catch(toUndefined);
  if (providerKey === undefined) return undefined;
  return askVendor(deps, {
    counting,
    modelId: call.model.id,
    providerKey,
    clientHeaders: exchange.request.headers,
    body,
    timeoutMilliseconds: deps.limits.countTimeoutMilliseconds,
  });
}

/** Ignores a denial. A problem with the provider key is reported after the admission. */
function toUndefined(error: unknown): undefined {
  if (!(error instanceof Denied)) throw error;
}
