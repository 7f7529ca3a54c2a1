/** What a grant may consume at most. An absent limit is no limit. */
export interface Limits {
  /** Requests over the grant's whole life. */
  readonly maxRequests: number | undefined;
  /** A token bucket: this many at once, refilled evenly over a minute. */
  readonly maxRequestsPerMinute: number | undefined;
}

/** The bounds of what can be asked for or chosen. */
export const limitBounds = {
  maxRequests: 1_000_000_000,
  maxRequestsPerMinute: 100_000,
  /** One year. */
  maxLifetimeSeconds: 31_536_000,
  minLifetimeSeconds: 60,
} as const;

/** How long a grant lives when the client asked for nothing. */
export const defaultLifetimeSeconds = 3_600;

/** The stricter of two limits of the same kind. */
export function tighter(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}
