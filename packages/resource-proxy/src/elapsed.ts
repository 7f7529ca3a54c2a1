/** The database's clock is read every few seconds over a network, so it may seem to go back by this much. */
const toleranceMilliseconds = 60_000;

/**
 * Returns how many milliseconds ago an instant of the database's clock was. An instant in the future counts as now. If
 * it is further ahead than the tolerance, it was written while the clock was ahead. It counts as infinitely long ago,
 * because a caller would otherwise have to wait until the clock reaches that instant.
 */
export function elapsedSince(instantMilliseconds: number, nowMilliseconds: number): number {
  if (nowMilliseconds < instantMilliseconds - toleranceMilliseconds) return Number.POSITIVE_INFINITY;
  return Math.max(0, nowMilliseconds - instantMilliseconds);
}
