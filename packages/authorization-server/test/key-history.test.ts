import { expect, it } from '@jest/globals';
import { isKeyRefused, isTestOutdated } from '../src/account/is-key-refused.js';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 29, 12, minute));
const refused = { at: at(10), reason: '401' };
const unused = { lastUsedAt: undefined, test: undefined, refused: undefined };

it('after a refusal, a provider key counts as refused until the refusal is removed or a later test is accepted; after a failed test, it counts as refused until the key is used at least two minutes after the test', () => {
  expect(isKeyRefused(unused)).toBe(false);
  expect(isKeyRefused({ ...unused, refused })).toBe(true);
  expect(isKeyRefused({ ...unused, refused, lastUsedAt: at(11) })).toBe(true);
  // `lastUsedAt` also changes when the AI provider refuses the request, so a later use does not end the refusal. When
  // the provider accepts a request, the stored refusal is deleted, and `refused` is undefined.
  expect(isKeyRefused({ ...unused, refused, lastUsedAt: at(20) })).toBe(true);
  expect(isKeyRefused({ ...unused, refused, lastUsedAt: at(20), test: { at: at(9), verdict: 'refused' } })).toBe(true);
  expect(isKeyRefused({ ...unused, refused, test: { at: at(11), verdict: 'unknown' } })).toBe(true);
  expect(isKeyRefused({ ...unused, refused, test: { at: at(11), verdict: 'accepted' } })).toBe(false);
  expect(isKeyRefused({ ...unused, refused, test: { at: at(9), verdict: 'accepted' } })).toBe(true);
  for (const verdict of ['refused', 'unpaid', 'unusable'] as const)
    expect(isKeyRefused({ ...unused, test: { at: at(9), verdict } })).toBe(true);
  expect(isKeyRefused({ ...unused, test: { at: at(9), verdict: 'refused' }, lastUsedAt: at(10) })).toBe(true);
  expect(isKeyRefused({ ...unused, test: { at: at(9), verdict: 'refused' }, lastUsedAt: at(20) })).toBe(false);
  expect(isKeyRefused({ ...unused, test: { at: at(9), verdict: 'unknown' } })).toBe(false);
});

it('a test is shown until a later refusal; a test that was not accepted is shown until the key is used at least two minutes after the test', () => {
  const failed = { ...unused, test: { at: at(10), verdict: 'refused' as const } };
  expect(isTestOutdated(unused)).toBe(false);
  expect(isTestOutdated(failed)).toBe(false);
  expect(isTestOutdated({ ...failed, lastUsedAt: at(11) })).toBe(false);
  expect(isTestOutdated({ ...failed, lastUsedAt: at(12) })).toBe(true);
  expect(isTestOutdated({ ...failed, refused: { ...refused, at: at(11) } })).toBe(true);
  expect(isTestOutdated({ ...unused, test: { at: at(10), verdict: undefined }, lastUsedAt: at(20) })).toBe(true);
  const accepted = { ...unused, test: { at: at(10), verdict: 'accepted' as const } };
  expect(isTestOutdated({ ...accepted, lastUsedAt: at(20) })).toBe(false);
  expect(isTestOutdated({ ...accepted, refused: { ...refused, at: at(11) } })).toBe(true);
});
