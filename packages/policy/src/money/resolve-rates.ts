import type { Rate, Rates } from './price.js';
import type { UsageKind } from './usage.js';

/**
 * For each kind that may lack a price of its own: the kinds whose rate it may get. The first of these kinds that has a
 * price counts.
 */
const broader: readonly (readonly [UsageKind, readonly UsageKind[]])[] = [
  ['inputAudioTokens', ['inputTokens']],
  ['inputImageTokens', ['inputTokens']],
  ['inputVideoTokens', ['inputTokens']],
  ['cacheReadTokens', ['inputTokens']],
  ['cacheWriteTokens', ['inputTokens']],
  ['outputImageTokens', ['outputTokens']],
];

/**
 * Completes a price list. A kind without a price gets the price of a kind that includes it. For example, if the list
 * has a price for audio but none for cached audio, cached audio costs as much as other audio.
 */
export function resolveRates(named: Rates): Rates {
  const rates: Partial<Record<UsageKind, Rate>> = { ...named };
  for (const [kind, others] of broader) fill(rates, kind, ...others.map((other) => rates[other]));
  fill(rates, 'cacheReadAudioTokens', named.inputAudioTokens ?? rates.cacheReadTokens);
  fill(rates, 'cacheReadImageTokens', named.inputImageTokens ?? rates.cacheReadTokens);
  // If the list has a price for the short cache only, the price of the long cache is unknown. It is not guessed.
  fill(rates, 'cacheWrite1hTokens', named.cacheWriteTokens === undefined ? rates.inputTokens : undefined);
  return rates;
}

function fill(rates: Partial<Record<UsageKind, Rate>>, kind: UsageKind, ...candidates: (Rate | undefined)[]): void {
  const rate = rates[kind] ?? candidates.find((candidate) => candidate !== undefined);
  if (rate !== undefined) rates[kind] = rate;
}
