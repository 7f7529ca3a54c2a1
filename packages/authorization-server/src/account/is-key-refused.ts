import type { ProviderKeySummary } from '@aipassport/store/authorization';

/** Uses and refusals are recorded at most once a minute, in any order. */
const toleranceMilliseconds = 2 * 60 * 1_000;

/**
 * Whether the AI provider refused the provider key when it was last used. A refusal no longer counts once the provider
 * key was used again.
 */
export function isKeyRefused({ refused, lastUsedAt }: Pick<ProviderKeySummary, 'refused' | 'lastUsedAt'>): boolean {
  if (refused === undefined) return false;
  return lastUsedAt === undefined || lastUsedAt.getTime() - refused.at.getTime() < toleranceMilliseconds;
}
