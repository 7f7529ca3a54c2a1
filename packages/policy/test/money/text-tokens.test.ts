import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boundTextTokens } from '../../src/money/estimate/text-tokens.js';

it('a long text counts at least as many tokens as it or its normal form has bytes, wherever it is cut into slices', () => {
  const unit = fc.constantFrom(
    'a',
    'é',
    'e\u0301',
    '\ufdfa',
    '한',
    '\u1112\u1161\u11ab',
    '😀',
    '\ud835\udd18',
    'ﬁ',
    '中',
  );
  const text = fc
    .tuple(fc.integer({ min: 16_370, max: 16_390 }), fc.array(unit, { minLength: 1, maxLength: 40 }))
    .map(([before, units]) => `${'x'.repeat(before)}${units.join('').repeat(20)}`);
  fc.assert(
    fc.property(text, (long) => {
      const whole = Math.max(Buffer.byteLength(long), Buffer.byteLength(long.normalize('NFKC')));
      expect(boundTextTokens(long)).toBeGreaterThanOrEqual(whole);
      // A character that would be composed across the end of a slice counts a few bytes more.
      expect(boundTextTokens(long)).toBeLessThanOrEqual(whole + 16);
    }),
    { numRuns: 300 },
  );
  expect(boundTextTokens('\ufdfa'.repeat(100_000))).toBe(3_300_000);
});
