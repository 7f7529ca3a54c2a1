import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { costOf, createPriceCatalogue, type Usage } from '../../src/index.js';
import { now } from './terms.js';

const price = createPriceCatalogue().findPrice('openai', 'gpt-4o-mini', now);

// The ids at the beginning of titles are rows of docs/security.md.
it('3.6: a sum of many small costs is never less than the exact sum, and exceeds it by less than one nano-dollar for each cost', () => {
  if (price === undefined) throw new Error('gpt-4o-mini has no price');
  const { rates } = price;
  const rateOf = (kind: 'inputTokens' | 'cacheReadTokens' | 'outputTokens') => {
    const rate = rates[kind];
    if (rate === undefined) throw new Error(`${kind} has no rate`);
    return rate.picoUsd;
  };
  const count = fc.nat({ max: 100_000 });
  const usage: fc.Arbitrary<Usage> = fc.record({ inputTokens: count, cacheReadTokens: count, outputTokens: count });
  fc.assert(
    fc.property(fc.array(usage, { minLength: 1, maxLength: 200 }), (usages) => {
      const charged = usages.reduce((sum, used) => {
        const cost = costOf(price, used);
        return cost.ok ? sum + cost.nanoUsd : sum;
      }, 0n);
      const exactPicoUsd = usages.reduce(
        (sum, { inputTokens = 0, cacheReadTokens = 0, outputTokens = 0 }) =>
          sum +
          BigInt(inputTokens) * rateOf('inputTokens') +
          BigInt(cacheReadTokens) * rateOf('cacheReadTokens') +
          BigInt(outputTokens) * rateOf('outputTokens'),
        0n,
      );
      expect(charged * 1_000n).toBeGreaterThanOrEqual(exactPicoUsd);
      expect(charged * 1_000n).toBeLessThan(exactPicoUsd + BigInt(usages.length) * 1_000n);
    }),
  );
});
