import { costOf } from './cost.js';
import type { Estimate } from './estimate/estimate.js';
import type { NanoUsd } from './nano-usd.js';
import { codeSessionSeconds } from './own-prices.js';
import { totalInputTokens, type Usage, type UsageKind } from './usage.js';

/** What an admitted request that was answered is charged. */
export type Charge =
  | {
      readonly kind: 'reported';
      readonly nanoUsd: NanoUsd;
      readonly usage: Usage;
      /** The upstream bills more than could be: a bound of ours is wrong, which an operator has to hear of. */
      readonly isAboveReserved: boolean;
    }
  /** As much as was set aside. */
  | { readonly kind: 'estimated'; readonly reason: ChargeDoubt };

/** Why the reported usage is not believed. */
export type ChargeDoubt = 'usage_not_trusted' | 'usage_not_priced' | 'usage_not_possible' | 'media_not_reported';

export interface Answered {
  readonly estimate: Pick<Estimate, 'price' | 'inputs' | 'worstCaseNanoUsd'>;
  readonly reservedNanoUsd: NanoUsd;
  /** What the upstream said, checked; undefined: nothing that can be trusted. */
  readonly usage: Usage | undefined;
  readonly durationMilliseconds: number;
}

/**
 * If one of our bounds is wrong, it is wrong by less than this factor. No request of this kind can have used more. If
 * we believed a larger number, one answer of an upstream could use up an owner's budgets and fill their counters.
 */
const mostTimesEstimate = 100n;

/** Decides what a request is charged, by the same price as it was estimated: never less than is known to be owed. */
export function decideCharge({ estimate, reservedNanoUsd, usage, durationMilliseconds }: Answered): Charge {
  if (usage === undefined) return { kind: 'estimated', reason: 'usage_not_trusted' };
  if (lacksMedia(estimate, usage)) return { kind: 'estimated', reason: 'media_not_reported' };
  const complete = extendSessions(addInput(estimate, usage), estimate, durationMilliseconds);
  const cost = costOf(estimate.price, complete);
  if (!cost.ok) return { kind: 'estimated', reason: 'usage_not_priced' };
  if (cost.nanoUsd > estimate.worstCaseNanoUsd * mostTimesEstimate)
    return { kind: 'estimated', reason: 'usage_not_possible' };
  return { kind: 'reported', nanoUsd: cost.nanoUsd, usage: complete, isAboveReserved: cost.nanoUsd > reservedNanoUsd };
}

const mediaKinds: readonly UsageKind[] = ['inputAudioTokens', 'inputImageTokens', 'inputVideoTokens'];
const cachedMediaKinds: readonly UsageKind[] = ['cacheReadAudioTokens', 'cacheReadImageTokens'];

/** A recording that was sent costs more than text: where the answer does not tell them apart, it cannot be believed. */
export function lacksMedia({ inputs }: Pick<Estimate, 'inputs'>, usage: Usage): boolean {
  const has = (counts: Usage, kinds: readonly UsageKind[]): boolean => kinds.some((kind) => (counts[kind] ?? 0) > 0);
  return inputs.every((input) => has(input, mediaKinds)) && !has(usage, [...mediaKinds, ...cachedMediaKinds]);
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
