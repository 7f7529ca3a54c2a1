import { isCount } from '../money/json.js';
import { formatDecimalUsd, type NanoUsd, parseUsd } from '../money/nano-usd.js';
import { type CountKind, isUsdKind, type LimitKind, limitKinds, limitTable, type UsdKind } from './limit-table.js';
import { buildLimits, type Limits } from './limits.js';

/** Limits, by the names that clients use. Amounts of money are decimal texts, exact to the nano-dollar. */
export type LimitMembers = { readonly [K in CountKind as (typeof limitTable)[K]['member']]?: number } & {
  readonly [K in UsdKind as (typeof limitTable)[K]['member']]?: string;
};

export type LimitMembersParse =
  | { readonly ok: true; readonly limits: Limits }
  /** Each member that is wrong, and what it must be. */
  | { readonly ok: false; readonly wrong: readonly [WrongLimit, ...WrongLimit[]] };

interface WrongLimit {
  readonly member: string;
  readonly rule: string;
}

/** Reads the limits among the members of an `authorization_details` object. */
export function parseLimitMembers(detail: Readonly<Record<string, unknown>>): LimitMembersParse {
  const wrong: LimitKind[] = [];
  const note = <T>(kind: LimitKind, value: T | undefined | null): T | undefined => {
    if (value === null) wrong.push(kind);
    return value ?? undefined;
  };
  const limits = buildLimits({
    count: (kind) => {
      const { member, max } = limitTable[kind];
      return note(kind, parseCount(detail[member], { min: 1, max }));
    },
    usd: (kind) => note(kind, parseAmount(detail[limitTable[kind].member], limitTable[kind].max)),
  });
  const [first, ...others] = wrong.map(describeWrong);
  return first === undefined ? { ok: true, limits } : { ok: false, wrong: [first, ...others] };
}

function describeWrong(kind: LimitKind): WrongLimit {
  return { member: limitTable[kind].member, rule: describeRule(kind) };
}

function describeRule(kind: LimitKind): string {
  if (isUsdKind(kind))
    return `must be an amount of US dollars above 0, at most ${formatDecimalUsd(limitTable[kind].max)}, with at most 9 decimals`;
  return `must be a whole number from 1 to ${limitTable[kind].max}`;
}

/**
 * Reads a JSON number or a decimal text.
 * @returns undefined if the value is absent, null if it is not a positive amount up to `max`
 */
function parseAmount(value: unknown, max: NanoUsd): NanoUsd | undefined | null {
  if (value === undefined) return undefined;
  const amount = typeof value === 'number' || typeof value === 'string' ? parseUsd(String(value)) : undefined;
  return amount !== undefined && amount > 0n && amount <= max ? amount : null;
}

/** @returns undefined if the value is absent, null if it is not a whole number within the bounds */
export function parseCount(
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined | null {
  if (value === undefined) return undefined;
  return isCount(value, max) && value >= min ? value : null;
}

/** The limits that are set, by the names that clients use. */
export function formatLimitMembers(limits: Limits): LimitMembers {
  const members: Record<string, number | string> = {};
  for (const kind of limitKinds) {
    const limit = limits[kind];
    if (limit !== undefined)
      members[limitTable[kind].member] = typeof limit === 'bigint' ? formatDecimalUsd(limit) : limit;
  }
  return members;
}
