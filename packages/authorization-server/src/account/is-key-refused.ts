import type { ProviderKeySummary } from '@aipassport/store/authorization';

/** Uses and refusals are each recorded at most once a minute, so their recorded times may be in the wrong order. */
const toleranceMilliseconds = 2 * 60 * 1_000;

/**
 * Whether the AI provider refused the provider key when it was last used. A refusal no longer counts once a use is
 * recorded that is at least two minutes later.
 */
export function isKeyRefused({ refused, lastUsedAt }: Pick<ProviderKeySummary, 'refused' | 'lastUsedAt'>): boolean {
  if (refused === undefined) return false;
  return lastUsedAt === undefined || lastUsedAt.getTime() - refused.at.getTime() < toleranceMilliseconds;
}
