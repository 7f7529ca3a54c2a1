import type { Upstream } from '../catalogue/upstreams.js';
import type { UsageKind } from './usage.js';

/** What one unit of a kind costs, in whole trillionths of a US dollar: fine enough for every price per million. */
export interface Rate {
  readonly picoUsd: bigint;
  /**
   * Higher rates for long prompts, in ascending order. One counts for the whole request as soon as all input tokens
   * together are more than its start.
   */
  readonly tiers: readonly RateTier[];
}

export interface RateTier {
  readonly aboveInputTokens: number;
  readonly picoUsd: bigint;
}

export type Rates = Readonly<Partial<Record<UsageKind, Rate>>>;

/** The prices of one model at one instant. The same object prices the estimate of a request and its settlement. */
export interface Price {
  readonly upstream: Upstream;
  readonly modelId: string;
  /** Where the prices are from; stands on every ledger row. */
  readonly catalogueVersion: string;
  /** By kind. A kind without a rate cannot be billed: who uses it is refused, or charged as estimated. */
  readonly rates: Rates;
  /** The kinds that the price list names itself; the others have the rate of a kind that includes them. */
  readonly named: ReadonlySet<UsageKind>;
  /** For a name that moves: the prices of the models that it may stand for, by their names. */
  readonly ofModels?: ReadonlyMap<string, Price>;
}

export function rateAt({ picoUsd, tiers }: Rate, inputTokens: number): bigint {
  let current = picoUsd;
  for (const tier of tiers) if (inputTokens > tier.aboveInputTokens) current = tier.picoUsd;
  return current;
}
