import {
  type Charge,
  decideCharge,
  type ObservedAnswer,
  priceOfAnswer,
  totalInputTokens,
  totalOutputTokens,
  type Usage,
} from '@aipassport/policy';
import type { CutOff, Settlement } from '@aipassport/store/proxying';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import { findCutOff } from '../forwarding/find-cut-off.js';
import { isUnbilled } from '../forwarding/is-unbilled.js';
import type { Outcome } from '../forwarding/outcome.js';
import type { Meter } from '../metering/meter.js';
import { isFree } from '../metering/metering-table.js';
import type { ProviderKey } from '../provider-keys/provider-keys.js';
import { isFaultOfAccount } from '../upstreams/account-faults.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import type { Reservation } from './admit.js';
import type { IdempotencyKey } from './claim-idempotency-key.js';

export interface EndedRequest {
  readonly exchange: Exchange;
  readonly reservation: Reservation;
  readonly providerKey: ProviderKey;
  readonly meter: Meter;
  readonly outcome: Outcome;
  readonly idempotencyKey: IdempotencyKey | undefined;
}

/**
 * Settles an admitted request. The settlement is written once, a short time later. The usage that the vendor reports is
 * charged. If the vendor reports no usage, the part of the answer that was seen is charged. The whole reservation is
 * charged only if nothing shows that less was used. An error without usage costs nothing. A request that never reached
 * its upstream costs nothing, and is not counted as a request.
 */
export function settle(
  deps: Pick<ProxyDependencies, 'settler' | 'providerKeys' | 'keyRefusals' | 'now' | 'log'>,
  ended: EndedRequest,
): void {
  const { exchange, reservation, providerKey, outcome } = ended;
  const { startedAtMilliseconds, firstByteAtMilliseconds } = exchange;
  const { requestId, grantId, accountId } = reservation.request;
  const { reserved } = reservation.admission;
  if (outcome.kind !== 'unreached') deps.providerKeys.touch(providerKey, reservation.request);
  const status = 'status' in outcome ? outcome.status : undefined;
  noteKeyState(deps, ended);
  if (exchange.isHandedOver) return;
  const durationMilliseconds = boundDuration(deps.now() - startedAtMilliseconds);
  const verdict = judge(deps, ended, durationMilliseconds);
  // After a successful answer the idempotency key stays claimed even if the request cost nothing, so that the request
  // is not repeated.
  if (verdict.settlement === 'released' || verdict.settlement === 'unbilled') ended.idempotencyKey?.release();
  const { settlement, cost: costNanoUsd = reserved, inputTokens, outputTokens } = verdict;
  exchange.charge = { settlement, costNanoUsd, inputTokens, outputTokens };
  deps.settler.settle({
    requestId,
    grantId,
    accountId,
    ...verdict,
    status,
    durationMilliseconds,
    firstByteMilliseconds:
      firstByteAtMilliseconds === undefined
        ? undefined
        : boundDuration(firstByteAtMilliseconds - startedAtMilliseconds),
    cutOff: findCutOff(outcome),
  });
}

/**
 * Records what the answer says about the provider key, for its owner, or for the operator. An operation that costs
 * nothing also succeeds while the account has no credit.
 */
function noteKeyState(
  { keyRefusals }: Pick<ProxyDependencies, 'keyRefusals'>,
  { exchange, reservation: { request, call }, providerKey, meter, outcome }: EndedRequest,
): void {
  const code = exchange.upstreamCode;
  const { accountProblems } = upstreamApis[call.match.operation.dialect];
  const status = 'status' in outcome ? outcome.status : undefined;
  if (isKeyRejected(outcome) || (status !== undefined && isFaultOfAccount(accountProblems, status, code)))
    return keyRefusals.noteRefusal(providerKey, request, { status: status ?? 401, code });
  const isSuccess = status !== undefined && status < 300 && !meter.readSeen().isFailure;
  if (isSuccess && !isFree(call.match.operation.form)) keyRefusals.noteSuccess(providerKey, request);
}

function isKeyRejected(outcome: Outcome): boolean {
  return outcome.kind === 'refused' && outcome.denial.reason === 'provider_key_rejected';
}

/**
 * The reasons why an answer can be cut off. `true`: this proxy cut the answer, which had no error until then. The
 * upstream stops when the connection is closed.
 */
const isOurCut: Readonly<Record<CutOff, boolean>> = {
  stopping: true,
  grant_revoked: true,
  grant_ended: true,
  revocations_unheard: true,
  time_limit_reached: true,
  client_left: true,
  client_stalled: true,
  body_refused: true,
  upstream_failed: false,
  upstream_timeout: false,
};

/**
 * Limits a duration to the range of its column, because a row with a larger number cannot be written. The clock may
 * have been changed by years during the request.
 */
function boundDuration(milliseconds: number): number {
  return Math.min(Math.max(0, milliseconds), 0x7fff_ffff);
}

type Verdict = Pick<
  Settlement,
  'settlement' | 'cost' | 'inputTokens' | 'cachedInputTokens' | 'cacheWriteTokens' | 'outputTokens' | 'toolCalls'
>;

const free: Verdict = { settlement: 'unbilled', cost: 0n };

function judge(deps: Pick<ProxyDependencies, 'log'>, ended: EndedRequest, durationMilliseconds: number): Verdict {
  const { reservation, meter, outcome } = ended;
  const { quote } = reservation;
  if (outcome.kind === 'unreached') return { settlement: 'released', cost: 0n };
  const reading = meter.readUsage();
  const seen = meter.readSeen();
  if (!reading.trusted && isUnbilled(outcome, seen.isFailure)) return free;
  const charge = decideCharge({
    estimate: { ...quote, price: priceOfAnswer(quote.price, reading.trusted ? reading : {}) },
    reservedNanoUsd: reservation.admission.reserved,
    usage: reading.trusted ? reading.usage : undefined,
    chargedNanoUsd: reading.trusted ? reading.chargedNanoUsd : undefined,
    seen: { ...seen, ...measureUnseen(outcome, seen.mayHide, durationMilliseconds) },
    durationMilliseconds,
  });
  logCharge(deps, ended, charge, reading.trusted ? undefined : reading.problem);
  switch (charge.kind) {
    case 'reported':
      return { settlement: 'reported', cost: charge.nanoUsd, ...countUsage(charge.usage) };
    case 'produced':
      return { settlement: 'produced', cost: charge.nanoUsd };
    case 'estimated':
    case 'doubted':
      return { settlement: charge.kind, cost: undefined };
  }
}

function countUsage(usage: Usage): Partial<Verdict> {
  return {
    inputTokens: totalInputTokens(usage),
    cachedInputTokens: usage.cacheReadTokens,
    cacheWriteTokens: (usage.cacheWriteTokens ?? 0) + (usage.cacheWrite1hTokens ?? 0),
    outputTokens: totalOutputTokens(usage),
    toolCalls: (usage.webSearches ?? 0) + (usage.codeSessions ?? 0),
  };
}

/** Returns for how many seconds the vendor may have written output that this proxy could not see. */
function measureUnseen(
  outcome: Outcome,
  mayHide: boolean,
  durationMilliseconds: number,
): Pick<ObservedAnswer, 'hiddenSeconds' | 'silentSeconds'> {
  const elapsedSeconds = durationMilliseconds / 1_000;
  // This proxy gave up before an answer arrived. The vendor continues until it notices the closed connection.
  if (outcome.kind === 'refused' && outcome.status === undefined && outcome.denial.reason !== 'upstream_failed')
    return { hiddenSeconds: elapsedSeconds, silentSeconds: 0 };
  if (outcome.kind !== 'broken' || !isOurCut[outcome.reason]) return { hiddenSeconds: mayHide ? elapsedSeconds : 0 };
  const { silentSeconds } = outcome;
  // If the client did not read, more may have arrived than was seen.
  return {
    hiddenSeconds: mayHide || silentSeconds === undefined ? elapsedSeconds : 0,
    silentSeconds: silentSeconds ?? 0,
  };
}

/**
 * Logs how the request was charged, if it was not charged as reported, or if it used more than was reserved. Operators
 * can count these log lines, because their `event` and `reason` do not change.
 */
function logCharge(
  { log }: Pick<ProxyDependencies, 'log'>,
  { exchange }: EndedRequest,
  charge: Charge,
  problem: string | undefined,
): void {
  const request_id = exchange.requestId;
  switch (charge.kind) {
    case 'reported':
      if (charge.isAboveReserved)
        log.error({ event: 'usage_above_estimate', request_id }, 'a request used more than its maximum estimate');
      return;
    case 'produced':
      return log.info(
        { event: 'usage_produced', request_id, reason: problem ?? charge.reason },
        'charged for the output that was seen',
      );
    case 'estimated':
      return log.info(
        { event: 'usage_estimated', request_id, reason: problem ?? charge.reason },
        'charged as reserved',
      );
    case 'doubted':
      return log.error({ event: 'usage_doubted', request_id }, 'the reported usage is impossible: charged as reserved');
  }
}
