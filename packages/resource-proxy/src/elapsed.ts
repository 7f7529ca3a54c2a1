/** The database's clock is asked every few seconds, over a network: so much it may seem to go back. */
const toleranceMilliseconds = 60_000;

/**
 * How long ago an instant of a clock is that the database may set. One that is still to come is of a clock that was ahead:
 * it was long ago, so that nothing waits for that time to come again.
 */
export function elapsedSince(instantMilliseconds: number, nowMilliseconds: number): number {
  if (nowMilliseconds < instantMilliseconds - toleranceMilliseconds) return Number.POSITIVE_INFINITY;
  return Math.max(0, nowMilliseconds - instantMilliseconds);
}
