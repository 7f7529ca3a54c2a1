import type { Billing } from '../catalogue/billing.js';
import type { Upstream } from '../catalogue/upstreams.js';
import type { UsageKind } from './usage.js';

/**
 * The price of one unit of a kind, in trillionths of a US dollar, rounded up. It is exact if the price of a million
 * units has at most six decimal places.
 */
export interface Rate {
  readonly picoUsd: bigint;
  /**
   * Higher rates for long prompts, in ascending order. A tier applies to the whole request if the sum of all input
   * tokens exceeds the tier's `aboveInputTokens`.
   */
  readonly tiers: readonly RateTier[];
}

export interface RateTier {
  readonly aboveInputTokens: number;
  readonly picoUsd: bigint;
}

export type Rates = Readonly<Partial<Record<UsageKind, Rate>>>;

/**
 * The prices of one model at one instant. The settlement of a request starts from the price of the request's estimate:
 * see `priceOfAnswer`.
 */
export interface Price {
  readonly upstream: Upstream;
  readonly modelId: string;
  readonly billing: Billing;
  /** Names the source of the prices. It is stored in every row of the ledger. */
  readonly catalogueVersion: string;
  /** By kind. A kind without a rate cannot be billed: a request that uses it is refused, or charged as estimated. */
  readonly rates: Rates;
  /**
   * The kinds with a price of their own in the price list. The other kinds have the rate of a kind that includes them,
   * or no rate.
   */
  readonly named: ReadonlySet<UsageKind>;
  /** For an alias: the prices of the models that it may refer to, by their names. */
  readonly ofModels?: ReadonlyMap<string, Price>;
}

export function rateAt({ picoUsd, tiers }: Rate, inputTokens: number): bigint {
  let current = picoUsd;
  for (const tier of tiers) if (inputTokens > tier.aboveInputTokens) current = tier.picoUsd;
  return current;
}
