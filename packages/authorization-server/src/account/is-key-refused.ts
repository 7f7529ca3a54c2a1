import type { ProviderKeySummary } from '@aipassport/store/authorization';

/** Uses and refusals are each recorded at most once a minute, so their recorded times may be in the wrong order. */
const toleranceMilliseconds = 2 * 60 * 1_000;

type KeyHistory = Pick<ProviderKeySummary, 'refused' | 'lastUsedAt' | 'test'>;

/**
 * Whether the provider key failed in its last use or test: the AI provider refused it, its account there has no credit,
 * or the resource proxy cannot use it. A failure no longer counts once a later test was accepted, or a use is recorded
 * that is at least two minutes later.
 */
export function isKeyRefused({ refused, lastUsedAt, test }: KeyHistory): boolean {
  const isTestBad = test?.verdict === 'refused' || test?.verdict === 'unpaid' || test?.verdict === 'unusable';
  const refusedAt = Math.max(refused?.at.getTime() ?? 0, isTestBad ? test.at.getTime() : 0);
  const acceptedAt = test?.verdict === 'accepted' ? test.at.getTime() : 0;
  if (refusedAt === 0 || acceptedAt > refusedAt) return false;
  return lastUsedAt === undefined || lastUsedAt.getTime() - refusedAt < toleranceMilliseconds;
}

/**
 * Whether later requests or refusals say more about the provider key than its last test. Such a test is not shown: a
 * test that failed would warn for ever, and one that was accepted would contradict the refusal beside it.
 */
export function isTestOutdated({ refused, lastUsedAt, test }: KeyHistory): boolean {
  if (test === undefined) return false;
  const isRefusedLater = refused !== undefined && refused.at > test.at;
  const usedAfter = (lastUsedAt?.getTime() ?? 0) - test.at.getTime();
  return isRefusedLater || (test.verdict !== 'accepted' && usedAfter >= toleranceMilliseconds);
}
