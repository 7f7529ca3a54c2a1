import { chargeProduced, type Produced } from './charge-produced.js';
import { costOf } from './cost.js';
import type { Estimate } from './estimate/estimate.js';
import { findDoubt, mostTimesEstimate, type SeenBytes, type UsageDoubt } from './find-doubt.js';
import { lacksMediaUsage } from './lacks-media-usage.js';
import type { NanoUsd } from './nano-usd.js';
import { totalInputTokens, type Usage } from './usage.js';

/** The charge for a request that was admitted and answered. */
export type Charge =
  | {
      readonly kind: 'reported';
      readonly nanoUsd: NanoUsd;
      readonly usage: Usage;
      /** Whether the cost is above the reservation. If so, one of our bounds is wrong, and an error must be logged. */
      readonly isAboveReserved: boolean;
    }
  /** Calculated from the part of the answer that was seen. */
  | { readonly kind: 'produced'; readonly nanoUsd: NanoUsd; readonly reason: ChargeDoubt }
  /** The whole reservation. */
  | { readonly kind: 'estimated'; readonly reason: ChargeDoubt }
  /** The whole reservation, because the reported usage is impossibly large. An operator may correct the charge. */
  | { readonly kind: 'doubted' };

/** Why the charge is not the cost of the reported usage. */
export type ChargeDoubt = 'usage_not_trusted' | 'usage_not_priced' | 'media_not_reported' | UsageDoubt;

/** What the proxy saw of an answer. */
export interface ObservedAnswer extends Produced, SeenBytes {}

export interface Answered {
  readonly estimate: Pick<Estimate, 'price' | 'inputs' | 'output' | 'worstCaseNanoUsd'> &
    Partial<Pick<Estimate, 'unreported'>>;
  readonly reservedNanoUsd: NanoUsd;
  /** The usage that the upstream reported, after checks. undefined: it reported none that can be trusted. */
  readonly usage: Usage | undefined;
  /** What the vendor says it charged. undefined: it does not say so. */
  readonly chargedNanoUsd?: NanoUsd | undefined;
  readonly seen: ObservedAnswer;
  readonly durationMilliseconds: number;
}

/**
 * Decides the charge for a request, at the price in `estimate`. The charge is never below the amount that is known to
 * be owed.
 */
export function decideCharge(answered: Answered): Charge {
  const { estimate, reservedNanoUsd, usage, chargedNanoUsd, seen, durationMilliseconds } = answered;
  if (usage === undefined) return chargeSeen(answered, 'usage_not_trusted');
  const doubt = findDoubt(estimate, usage, seen);
  if (doubt === 'usage_not_possible') return { kind: 'doubted' };
  if (doubt !== undefined) return chargeSeen({ ...answered, seen: { ...seen, reported: usage } }, doubt);
  if (lacksMediaUsage(estimate, usage)) return chargeSeen(answered, 'media_not_reported');
  const reported = { ...estimate.unreported, ...addInput(estimate, usage) };
  const complete = extendSessions(reported, estimate, durationMilliseconds);
  const cost = costOf(estimate.price, complete);
  if (!cost.ok) return chargeSeen(answered, 'usage_not_priced');
  const nanoUsd = chargedNanoUsd ?? cost.nanoUsd;
  if (nanoUsd > estimate.worstCaseNanoUsd * mostTimesEstimate) return { kind: 'doubted' };
  return { kind: 'reported', nanoUsd, usage: complete, isAboveReserved: nanoUsd > reservedNanoUsd };
}

function chargeSeen({ estimate, reservedNanoUsd, seen }: Answered, reason: ChargeDoubt): Charge {
  const nanoUsd = chargeProduced(estimate, reservedNanoUsd, seen);
  return nanoUsd === undefined ? { kind: 'estimated', reason } : { kind: 'produced', nanoUsd, reason };
}

/**
 * Adds the whole estimated input to a usage that has only output, for example because it was measured from generated
 * speech.
 */
function addInput({ inputs }: Answered['estimate'], usage: Usage): Usage {
  return totalInputTokens(usage) > 0 ? usage : { ...inputs[0], ...usage };
}

/** Charges code sessions as if the container had run for the whole duration, the longest time that is possible. */
function extendSessions(usage: Usage, { price }: Answered['estimate'], durationMilliseconds: number): Usage {
  const { codeSession } = price.billing;
  if (usage.codeSessions === undefined || codeSession === undefined) return usage;
  const times = Math.max(1, Math.ceil(durationMilliseconds / (codeSession.seconds * 1_000)));
  return { ...usage, codeSessions: usage.codeSessions * times };
}
