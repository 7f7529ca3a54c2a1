import type { ProviderKeySummary } from '@aipassport/store/authorization';

/**
 * `lastUsedAt` is written when a request with the provider key ends, even if the AI provider refused the request. A
 * request that ends within this time after a test may have begun before the test, so it says nothing about the test.
 */
const toleranceMilliseconds = 2 * 60 * 1_000;

type KeyHistory = Pick<ProviderKeySummary, 'refused' | 'lastUsedAt' | 'test'>;

/**
 * Whether the provider key failed in its last use or test: the AI provider refused it, its account there has no credit,
 * or the resource proxy cannot use it. A refusal counts until a later test is accepted, or until the AI provider
 * accepts a request with the provider key, which removes the refusal. A failed test counts until the next test, or
 * until a use is recorded that is at least two minutes later.
 */
export function isKeyRefused({ refused, lastUsedAt, test }: KeyHistory): boolean {
  const isTestBad = test?.verdict === 'refused' || test?.verdict === 'unpaid' || test?.verdict === 'unusable';
  if (refused !== undefined && !(test?.verdict === 'accepted' && test.at > refused.at)) return true;
  return isTestBad && !isUsedAfter(test, lastUsedAt);
}

/**
 * Whether later requests or refusals say more about the provider key than its last test. Such a test is not shown: a
 * test that failed would warn for ever, and one that was accepted would contradict the refusal beside it.
 */
export function isTestOutdated({ refused, lastUsedAt, test }: KeyHistory): boolean {
  if (test === undefined) return false;
  const isRefusedLater = refused !== undefined && refused.at > test.at;
  return isRefusedLater || (test.verdict !== 'accepted' && isUsedAfter(test, lastUsedAt));
}

function isUsedAfter({ at }: { readonly at: Date }, lastUsedAt: Date | undefined): boolean {
  return lastUsedAt !== undefined && lastUsedAt.getTime() - at.getTime() >= toleranceMilliseconds;
}
