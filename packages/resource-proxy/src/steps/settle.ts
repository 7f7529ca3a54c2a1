import { chargeProduced, decideCharge, totalInputTokens, totalOutputTokens } from '@aipassport/policy';
import type { Settlement } from '@aipassport/store/proxying';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import type { Outcome } from '../forwarding/outcome.js';
import type { Meter } from '../metering/meter.js';
import type { Quote } from '../preparing/call-facts.js';
import type { ProviderKey } from '../provider-keys/provider-keys.js';
import type { Reservation } from './admit.js';
import type { IdempotencyKey } from './claim-idempotency-key.js';

export interface Ended {
  readonly exchange: Exchange;
  readonly reservation: Reservation;
  readonly quote: Quote;
  readonly providerKey: ProviderKey;
  readonly meter: Meter;
  readonly outcome: Outcome;
  readonly idempotencyKey: IdempotencyKey | undefined;
}

/** Errors that no vendor bills: the request was refused before a model saw it, or the vendor failed. */
const unbilledStatuses = new Set([400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503, 529]);

/** Reasons for which we end a healthy stream. The upstream stops when we close the connection. */
const ourCuts: ReadonlySet<Extract<Outcome, { kind: 'broken' }>['reason']> = new Set([
  'stopping',
  'grant_revoked',
  'grant_ended',
  'revocations_unheard',
  'time_limit_reached',
  'client_left',
]);

/**
 * Closes the books on an admitted request; it is written soon, and once. What is known of its use is charged, what is
 * not known is charged as set aside. One that never reached its upstream gives back its count too.
 */
export function settle(deps: Pick<ProxyDependencies, 'settler' | 'providerKeys' | 'now' | 'log'>, ended: Ended): void {
  const { exchange, reservation, providerKey, outcome } = ended;
  const { startedAtMilliseconds, firstByteAtMilliseconds } = exchange;
  const { requestId, grantId, accountId } = reservation.request;
  if (outcome.kind !== 'unreached') deps.providerKeys.touch(providerKey, reservation.request);
  const durationMilliseconds = boundDuration(deps.now() - startedAtMilliseconds);
  const verdict = judge(deps, ended, durationMilliseconds);
  // An answer that costs nothing is an answer too: its request is not repeated.
  if (verdict.settlement === 'released' || verdict.settlement === 'unbilled') ended.idempotencyKey?.giveBack();
  deps.settler.settle({
    requestId,
    grantId,
    accountId,
    ...verdict,
    status: 'status' in outcome ? outcome.status : undefined,
    durationMilliseconds,
    firstByteMilliseconds:
      firstByteAtMilliseconds === undefined
        ? undefined
        : boundDuration(firstByteAtMilliseconds - startedAtMilliseconds),
  });
}

/**
 * The clock may have been changed by years meanwhile. A number that does not fit its column would keep the row from
 * being written.
 */
function boundDuration(milliseconds: number): number {
  return Math.min(Math.max(0, milliseconds), 0x7fff_ffff);
}

type Verdict = Pick<
  Settlement,
  'settlement' | 'cost' | 'inputTokens' | 'cachedInputTokens' | 'cacheWriteTokens' | 'outputTokens' | 'toolCalls'
>;

function judge({ log }: Pick<ProxyDependencies, 'log'>, ended: Ended, durationMilliseconds: number): Verdict {
  const { exchange, quote, reservation, meter, outcome } = ended;
  if (outcome.kind === 'unreached') return { settlement: 'released', cost: 0n };
  if (outcome.kind === 'refused' && outcome.denial.reason === 'provider_key_rejected')
    return { settlement: 'unbilled', cost: 0n };
  const isWhole = outcome.kind === 'answered' || outcome.kind === 'drained';
  const isErrorCut = outcome.kind === 'refused' && outcome.status !== undefined && unbilledStatuses.has(outcome.status);
  if (isErrorCut) return { settlement: 'unbilled', cost: 0n };
  if (isWhole && unbilledStatuses.has(outcome.status)) return { settlement: 'unbilled', cost: 0n };
  const reading = meter.readUsage();
  const produced = reading.trusted ? undefined : chargeCut(ended);
  if (produced !== undefined) {
    log.info({ event: 'usage_estimated', request_id: exchange.id, reason: 'answer_cut_off' }, 'charged as produced');
    return { settlement: 'estimated', cost: produced };
  }
  const charge = decideCharge({
    estimate: quote,
    reservedNanoUsd: reservation.admission.reserved,
    usage: reading.trusted ? reading.usage : undefined,
    durationMilliseconds,
  });
  if (charge.kind === 'estimated') {
    const reason = reading.trusted ? charge.reason : reading.problem;
    const level = reason === 'usage_not_possible' ? 'error' : 'info';
    log[level]({ event: 'usage_estimated', request_id: exchange.id, reason }, 'charged as set aside');
    return { settlement: 'estimated', cost: undefined };
  }
  if (charge.isAboveReserved)
    log.error(
      { event: 'usage_above_estimate', request_id: exchange.id },
      'a request used more than it was thought to be able to',
    );
  const { usage, nanoUsd } = charge;
  return {
    settlement: 'reported',
    cost: nanoUsd,
    inputTokens: totalInputTokens(usage),
    cachedInputTokens: usage.cacheReadTokens,
    cacheWriteTokens: (usage.cacheWriteTokens ?? 0) + (usage.cacheWrite1hTokens ?? 0),
    outputTokens: totalOutputTokens(usage),
    toolCalls: (usage.webSearches ?? 0) + (usage.codeSessions ?? 0),
  };
}

/** @returns undefined for an answer that we did not cut, or whose output is not known */
function chargeCut({ outcome, meter, quote, reservation }: Ended): bigint | undefined {
  if (outcome.kind !== 'broken' || !ourCuts.has(outcome.reason)) return undefined;
  const { silentSeconds } = outcome;
  const seen = meter.readProduced();
  if (silentSeconds === undefined || seen === undefined) return undefined;
  return chargeProduced(quote, reservation.admission.reserved, { ...seen, silentSeconds });
}
