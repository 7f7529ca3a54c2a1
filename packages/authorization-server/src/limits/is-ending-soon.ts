import type { Grant } from '@aipassport/store/authorization';

const soonMilliseconds = 3 * 86_400_000;

/** Whether a live grant ends within three days, and half of its time is over. */
export function isEndingSoon({ createdAt, expiresAt }: Pick<Grant, 'createdAt' | 'expiresAt'>, now: Date): boolean {
  const lifetime = expiresAt.getTime() - createdAt.getTime();
  return expiresAt.getTime() - now.getTime() < Math.min(soonMilliseconds, lifetime / 2);
}
