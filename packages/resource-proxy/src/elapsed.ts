/** The database's clock is read every few seconds over a network, so it may seem to go back by this much. */
const toleranceMilliseconds = 60_000;

/**
 * Returns how many milliseconds ago an instant of the database's clock was: 0 for an instant slightly in the future. An
 * instant further in the future was written while the clock was wrong. For that, the result is Infinity, so that no
 * caller waits until the clock reaches it.
 */
export function elapsedSince(instantMilliseconds: number, nowMilliseconds: number): number {
  if (nowMilliseconds < instantMilliseconds - toleranceMilliseconds) return Number.POSITIVE_INFINITY;
  return Math.max(0, nowMilliseconds - instantMilliseconds);
}
