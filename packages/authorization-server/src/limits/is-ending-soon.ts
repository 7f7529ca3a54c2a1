import type { Grant } from '@aipassport/store/authorization';

const soonMilliseconds = 3 * 86_400_000;

/**
 * Whether a live grant ends within three days, and more than half of the lifetime that its owner last chose is over.
 */
export function isEndingSoon({ endChosenAt, expiresAt }: Pick<Grant, 'endChosenAt' | 'expiresAt'>, now: Date): boolean {
  const lifetime = expiresAt.getTime() - endChosenAt.getTime();
  return expiresAt.getTime() - now.getTime() < Math.min(soonMilliseconds, lifetime / 2);
}
