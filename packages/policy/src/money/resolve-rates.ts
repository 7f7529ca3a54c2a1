import type { Rate, Rates } from './price.js';
import type { UsageKind } from './usage.js';

/** For each kind, the kinds whose rate it has when it is not named itself; the first that is there counts. */
const broader: readonly (readonly [UsageKind, readonly UsageKind[]])[] = [
  ['inputAudioTokens', ['inputTokens']],
  ['inputImageTokens', ['inputTokens']],
  ['inputVideoTokens', ['inputTokens']],
  ['cacheReadTokens', ['inputTokens']],
  ['cacheWriteTokens', ['inputTokens']],
  ['outputImageTokens', ['outputTokens']],
];

/**
 * Completes a price list. A kind that it does not name is billed like the kind that includes it, never cheaper: a
 * cached recording costs as much as an uncached one as long as nothing else is said.
 */
export function resolveRates(named: Rates): Rates {
  const rates: Partial<Record<UsageKind, Rate>> = { ...named };
  for (const [kind, others] of broader) fill(rates, kind, ...others.map((other) => rates[other]));
  fill(rates, 'cacheReadAudioTokens', named.inputAudioTokens ?? rates.cacheReadTokens);
  fill(rates, 'cacheReadImageTokens', named.inputImageTokens ?? rates.cacheReadTokens);
  // Where the short cache has a price of its own, the long one has another, which is not to be guessed.
  fill(rates, 'cacheWrite1hTokens', named.cacheWriteTokens === undefined ? rates.inputTokens : undefined);
  return rates;
}

function fill(rates: Partial<Record<UsageKind, Rate>>, kind: UsageKind, ...candidates: (Rate | undefined)[]): void {
  const rate = rates[kind] ?? candidates.find((candidate) => candidate !== undefined);
  if (rate !== undefined) rates[kind] = rate;
}
