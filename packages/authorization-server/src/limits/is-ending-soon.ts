import type { Grant } from '@aipassport/store/authorization';

const soonMilliseconds = 3 * 86_400_000;

/** Whether a live grant ends within three days. */
export function isEndingSoon({ expiresAt }: Pick<Grant, 'expiresAt'>, now: Date): boolean {
  return expiresAt.getTime() - now.getTime() < soonMilliseconds;
}
