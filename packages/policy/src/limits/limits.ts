import { type CountKind, isUsdKind, type LimitKind, limitKinds, type UsdKind, usdKinds } from './limit-table.js';

/** The most that a grant may use. `undefined` means no limit. Money is in nano-US-dollars. See `limit-table.ts`. */
export type Limits = { readonly [K in CountKind]: number | undefined } & {
  readonly [K in UsdKind]: bigint | undefined;
};

/** Makes one value for each kind of limit, in the order of the table. */
export function mapLimitKinds<T>(valueOf: (kind: LimitKind) => T): Readonly<Record<LimitKind, T>> {
  const entries = limitKinds.map((kind) => [kind, valueOf(kind)] as const);
  return Object.fromEntries(entries) as Record<LimitKind, T>; // `fromEntries` loses the type of the keys
}

/** Makes limits from two readers, one for each unit. */
export function buildLimits(read: {
  readonly count: (kind: CountKind) => number | undefined;
  readonly usd: (kind: UsdKind) => bigint | undefined;
}): Limits {
  // Each value has the type that the unit of its kind requires.
  return mapLimitKinds((kind) => (isUsdKind(kind) ? read.usd(kind) : read.count(kind))) as Limits;
}

export const noLimits: Limits = buildLimits({ count: () => undefined, usd: () => undefined });

/** Whether the spending is limited: in total, by month or by day. */
export function hasSpendingLimit(limits: Limits): boolean {
  return usdKinds.some((kind) => limits[kind] !== undefined);
}

/** The shortest and the longest lifetime of a grant. */
export const lifetimeBounds = {
  minSeconds: 60,
  /** One year. */
  maxSeconds: 31_536_000,
} as const;

/** The lifetime of a grant when the client proposes none. */
export const defaultLifetimeSeconds = 3_600;

/** The stricter of two limits of the same kind. */
export function stricterLimit<T extends number | bigint>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined) return b;
  return b === undefined || a < b ? a : b;
}

/** The stricter of the two limits of each kind. */
export function stricterLimits(a: Limits, b: Limits): Limits {
  return buildLimits({
    count: (kind) => stricterLimit(a[kind], b[kind]),
    usd: (kind) => stricterLimit(a[kind], b[kind]),
  });
}
