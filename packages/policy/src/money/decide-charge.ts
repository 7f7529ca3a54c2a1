import { chargeProduced, type Produced } from './charge-produced.js';
import { costOf } from './cost.js';
import type { Estimate } from './estimate/estimate.js';
import { findDoubt, type UsageDoubt } from './find-doubt.js';
import { lacksMedia } from './lacks-media.js';
import type { NanoUsd } from './nano-usd.js';
import { codeSessionSeconds } from './own-prices.js';
import { totalInputTokens, type Usage } from './usage.js';

/** What an admitted request that was answered is charged. */
export type Charge =
  | {
      readonly kind: 'reported';
      readonly nanoUsd: NanoUsd;
      readonly usage: Usage;
      /** The upstream bills more than could be: a bound of ours is wrong, which an operator has to hear of. */
      readonly isAboveReserved: boolean;
    }
  /** By what was seen of the answer. */
  | { readonly kind: 'produced'; readonly nanoUsd: NanoUsd; readonly reason: ChargeDoubt }
  /** As much as was set aside. */
  | { readonly kind: 'estimated'; readonly reason: ChargeDoubt }
  /** As much as was set aside, because more was reported than can have been used. An operator may correct it. */
  | { readonly kind: 'doubted' };

/** Why the reported usage is not believed. */
export type ChargeDoubt = 'usage_not_trusted' | 'usage_not_priced' | 'media_not_reported' | UsageDoubt;

/** An answer as it was seen. */
export interface Seen extends Produced {
  /** The bytes of the text in it that the model surely wrote. */
  readonly textBytes: number;
  /** Of the whole answer. */
  readonly bytes: number;
}

export interface Answered {
  readonly estimate: Pick<Estimate, 'price' | 'inputs' | 'output' | 'worstCaseNanoUsd'> &
    Partial<Pick<Estimate, 'unreported'>>;
  readonly reservedNanoUsd: NanoUsd;
  /** What the upstream said, checked; undefined: nothing that can be trusted. */
  readonly usage: Usage | undefined;
  readonly seen: Seen;
  readonly durationMilliseconds: number;
}

/** Decides what a request is charged, by the same price as it was estimated: never less than is known to be owed. */
export function decideCharge(answered: Answered): Charge {
  const { estimate, reservedNanoUsd, usage, seen, durationMilliseconds } = answered;
  if (usage === undefined) return chargeSeen(answered, 'usage_not_trusted');
  const doubt = findDoubt(estimate, usage, seen);
  if (doubt === 'usage_not_possible') return { kind: 'doubted' };
  if (doubt !== undefined) return chargeSeen({ ...answered, seen: { ...seen, reported: usage } }, doubt);
  if (lacksMedia(estimate, usage)) return chargeSeen(answered, 'media_not_reported');
  const reported = { ...estimate.unreported, ...addInput(estimate, usage) };
  const complete = extendSessions(reported, estimate, durationMilliseconds);
  const cost = costOf(estimate.price, complete);
  if (!cost.ok) return chargeSeen(answered, 'usage_not_priced');
  return { kind: 'reported', nanoUsd: cost.nanoUsd, usage: complete, isAboveReserved: cost.nanoUsd > reservedNanoUsd };
}

function chargeSeen({ estimate, reservedNanoUsd, seen }: Answered, reason: ChargeDoubt): Charge {
  const nanoUsd = chargeProduced(estimate, reservedNanoUsd, seen);
  return nanoUsd === undefined ? { kind: 'estimated', reason } : { kind: 'produced', nanoUsd, reason };
}

/** An answer that says only what came out, such as a recording, had all of its input read. */
function addInput({ inputs }: Answered['estimate'], usage: Usage): Usage {
  return totalInputTokens(usage) > 0 ? usage : { ...inputs[0], ...usage };
}

/** A container is paid for as long as it may have run. */
function extendSessions(usage: Usage, { price }: Answered['estimate'], durationMilliseconds: number): Usage {
  const seconds = codeSessionSeconds[price.upstream];
  if (usage.codeSessions === undefined || seconds === undefined) return usage;
  const times = Math.max(1, Math.ceil(durationMilliseconds / (seconds * 1_000)));
  return { ...usage, codeSessions: usage.codeSessions * times };
}
