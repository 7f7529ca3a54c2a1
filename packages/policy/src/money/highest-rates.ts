import type { ModelLimits } from './model-limits.js';
import { type Rate, type Rates, rateAt } from './price.js';
import type { UsageKind } from './usage.js';

/**
 * The price of a name that may refer to several models: the highest rate of each kind. A kind for which one of the
 * models has no price gets no price, so it cannot be billed.
 */
export function highestRates(all: readonly Rates[]): Rates {
  const [first, ...others] = all;
  if (first === undefined || others.length === 0) return first ?? {};
  const kinds = Object.keys(first) as UsageKind[]; // the keys of Rates
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const rates = all.flatMap((one) => one[kind] ?? []);
      return rates.length === all.length ? [[kind, highestRate(rates)]] : [];
    }),
  );
}

function highestRate(rates: readonly Rate[]): Rate {
  const mostAt = (inputTokens: number): bigint =>
    rates.map((rate) => rateAt(rate, inputTokens)).reduce((most, rate) => (rate > most ? rate : most), 0n);
  const starts = [...new Set(rates.flatMap(({ tiers }) => tiers.map(({ aboveInputTokens }) => aboveInputTokens)))];
  return {
    picoUsd: mostAt(0),
    tiers: starts
      .sort((a, b) => a - b)
      .map((aboveInputTokens) => ({ aboveInputTokens, picoUsd: mostAt(aboveInputTokens + 1) })),
  };
}

/**
 * The limits of a name that may refer to several models: the highest `maxInputTokens` and `maxImageTokens`, and the
 * lowest `maxOutputTokens` and `sharedWindowTokens`. `inflatesPictures` is true if it is true for any of the models.
 */
export function jointLimits(all: readonly ModelLimits[]): ModelLimits | undefined {
  const [first, ...others] = all;
  return others.reduce<ModelLimits | undefined>((joint, limits) => joint && join(joint, limits), first);
}

function join(a: ModelLimits, b: ModelLimits): ModelLimits {
  const windows = [a.sharedWindowTokens, b.sharedWindowTokens].filter((window) => window !== undefined);
  return {
    maxInputTokens: Math.max(a.maxInputTokens, b.maxInputTokens),
    maxOutputTokens: Math.min(a.maxOutputTokens, b.maxOutputTokens),
    maxImageTokens: Math.max(a.maxImageTokens, b.maxImageTokens),
    inflatesPictures: a.inflatesPictures === true || b.inflatesPictures === true,
    ...(windows.length > 0 && { sharedWindowTokens: Math.min(...windows) }),
  };
}
