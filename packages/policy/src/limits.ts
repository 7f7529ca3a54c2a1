/** What a grant may consume at most. An absent limit is no limit. Money is in nano-US-dollars. */
export interface Limits {
  /** Requests over the grant's whole life. */
  readonly maxRequests: number | undefined;
  /** A token bucket: this many at once, refilled evenly over a minute. */
  readonly maxRequestsPerMinute: number | undefined;
  /** Input and output tokens; a token bucket as well. */
  readonly maxTokensPerMinute: number | undefined;
  /** Streamed answers at a time. */
  readonly maxStreams: number | undefined;
  /** Money over the grant's whole life. */
  readonly maxCost: bigint | undefined;
  /** Money a day and a month of the owner's calendar. */
  readonly maxCostPerDay: bigint | undefined;
  readonly maxCostPerMonth: bigint | undefined;
}

export const noLimits: Limits = {
  maxRequests: undefined,
  maxRequestsPerMinute: undefined,
  maxTokensPerMinute: undefined,
  maxStreams: undefined,
  maxCost: undefined,
  maxCostPerDay: undefined,
  maxCostPerMonth: undefined,
};

export type LimitKind = keyof Limits;
export const limitKinds = Object.keys(noLimits) as readonly LimitKind[];

/** The most that can be asked for or chosen of each. */
export const limitMaxima: { readonly [K in LimitKind]: NonNullable<Limits[K]> } = {
  maxRequests: 1_000_000_000,
  maxRequestsPerMinute: 100_000,
  maxTokensPerMinute: 1_000_000_000,
  maxStreams: 1_000,
  /** One million dollars. */
  maxCost: 1_000_000_000_000_000n,
  maxCostPerDay: 1_000_000_000_000_000n,
  maxCostPerMonth: 1_000_000_000_000_000n,
};

/** How long a grant can live. */
export const lifetimeBounds = {
  minSeconds: 60,
  /** One year. */
  maxSeconds: 31_536_000,
} as const;

/** How long a grant lives when the client asked for nothing. */
export const defaultLifetimeSeconds = 3_600;

/** The stricter of two limits of the same kind. */
export function tighter<T extends number | bigint>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined) return b;
  return b === undefined || a < b ? a : b;
}

/** The stricter of each kind. */
export function tightest(a: Limits, b: Limits): Limits {
  return {
    maxRequests: tighter(a.maxRequests, b.maxRequests),
    maxRequestsPerMinute: tighter(a.maxRequestsPerMinute, b.maxRequestsPerMinute),
    maxTokensPerMinute: tighter(a.maxTokensPerMinute, b.maxTokensPerMinute),
    maxStreams: tighter(a.maxStreams, b.maxStreams),
    maxCost: tighter(a.maxCost, b.maxCost),
    maxCostPerDay: tighter(a.maxCostPerDay, b.maxCostPerDay),
    maxCostPerMonth: tighter(a.maxCostPerMonth, b.maxCostPerMonth),
  };
}
