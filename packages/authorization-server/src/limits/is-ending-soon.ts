import type { Grant } from '@aipassport/store/authorization';

const soonMilliseconds = 3 * 86_400_000;

/** Whether a live grant ends within three days, and half of the time is over that its owner last chose. */
export function isEndingSoon({ endChosenAt, expiresAt }: Pick<Grant, 'endChosenAt' | 'expiresAt'>, now: Date): boolean {
  const lifetime = expiresAt.getTime() - endChosenAt.getTime();
  return expiresAt.getTime() - now.getTime() < Math.min(soonMilliseconds, lifetime / 2);
}
