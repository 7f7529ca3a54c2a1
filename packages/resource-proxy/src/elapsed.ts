/** The database's clock is read every few seconds over a network, so it may seem to go back by this much. */
const toleranceMilliseconds = 60_000;

/**
 * Returns the milliseconds since an instant, by the database's clock: 0 for an instant slightly in the future, and
 * Infinity for an instant further in the future. Such an instant was written while the clock was wrong, and no caller
 * must wait until the clock reaches it.
 */
export function elapsedSince(instantMilliseconds: number, nowMilliseconds: number): number {
  if (nowMilliseconds < instantMilliseconds - toleranceMilliseconds) return Number.POSITIVE_INFINITY;
  return Math.max(0, nowMilliseconds - instantMilliseconds);
}
