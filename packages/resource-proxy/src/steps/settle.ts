import { costOf, totalInputTokens, totalOutputTokens } from '@aipassport/policy';
import type { Settlement } from '@aipassport/store/proxying';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import type { Outcome } from '../forwarding/outcome.js';
import type { Meter } from '../interim/meter.js';
import type { ProviderKey } from '../provider-keys/provider-keys.js';
import type { Reservation } from './admit.js';
import type { Quote } from './estimate-cost.js';

export interface Ended {
  readonly exchange: Exchange;
  readonly reservation: Reservation;
  readonly quote: Quote;
  readonly providerKey: ProviderKey;
  readonly meter: Meter;
  readonly outcome: Outcome;
}

/** Errors that no vendor bills: the request was refused before a model saw it, or the vendor failed. */
const unbilledStatuses = new Set([400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503, 529]);

/**
 * Closes the books on an admitted request; it is written soon, and once. What is known of its use is charged, what is
 * not known is charged as set aside. One that never reached its upstream gives back its count too.
 */
export function settle(
  { settler, providerKeys, now }: Pick<ProxyDependencies, 'settler' | 'providerKeys' | 'now'>,
  { exchange, reservation, quote, providerKey, meter, outcome }: Ended,
): void {
  const { requestId, grantId, accountId } = reservation.request;
  if (outcome.kind !== 'unreached') providerKeys.touch(providerKey);
  settler.settle({
    requestId,
    grantId,
    accountId,
    ...judge(quote, meter, outcome),
    status: 'status' in outcome ? outcome.status : undefined,
    durationMilliseconds: now() - exchange.startedAtMilliseconds,
    firstByteMilliseconds:
      exchange.firstByteAtMilliseconds === undefined
        ? undefined
        : exchange.firstByteAtMilliseconds - exchange.startedAtMilliseconds,
  });
}

type Verdict = Pick<
  Settlement,
  'settlement' | 'cost' | 'inputTokens' | 'cachedInputTokens' | 'cacheWriteTokens' | 'outputTokens' | 'toolCalls'
>;

function judge(quote: Quote, meter: Meter, outcome: Outcome): Verdict {
  if (outcome.kind === 'unreached') return { settlement: 'released', cost: 0n };
  if (outcome.kind === 'refused' && outcome.denial.reason === 'provider_key_rejected')
    return { settlement: 'unbilled', cost: 0n };
  if (outcome.kind === 'answered' && unbilledStatuses.has(outcome.status)) return { settlement: 'unbilled', cost: 0n };
  const usage = meter.readUsage();
  const cost = usage === undefined ? undefined : costOf(quote.price, usage);
  if (usage === undefined || cost?.ok !== true) return { settlement: 'estimated', cost: undefined };
  return {
    settlement: 'reported',
    cost: cost.nanoUsd,
    inputTokens: totalInputTokens(usage),
    cachedInputTokens: usage.cacheReadTokens,
    cacheWriteTokens: (usage.cacheWriteTokens ?? 0) + (usage.cacheWrite1hTokens ?? 0),
    outputTokens: totalOutputTokens(usage),
    toolCalls: (usage.webSearches ?? 0) + (usage.codeSessions ?? 0),
  };
}
