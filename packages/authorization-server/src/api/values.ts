import { formatDecimalUsd, parseMonth } from '@aipassport/policy';
import type { UsageSum } from '@aipassport/store/authorization';
import { queryText } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { invalid } from './refusals.js';

/** JSON of the API has null where the code has undefined, so that every object always has the same members. */
export function orNull<T>(value: T | undefined): T | null {
  return value ?? null;
}

export function timeOrNull(time: Date | undefined): string | null {
  return time === undefined ? null : time.toISOString();
}

export function usdOrNull(amount: bigint | undefined): string | null {
  return amount === undefined ? null : formatDecimalUsd(amount);
}

export function describeSum({ cost, requests }: UsageSum): { readonly cost_usd: string; readonly requests: number } {
  return { cost_usd: formatDecimalUsd(cost), requests };
}

/**
 * The month that the request asks for, as `YYYY-MM`. If it asks for none, the current month.
 * @throws Denied when it is not a month
 */
export function readMonth(ctx: Context, today: string): string {
  const month = parseMonth(queryText(ctx, 'month') || today.slice(0, 7));
  if (month !== undefined) return month;
  throw invalid('month', 'must be a year and a month: 2026-11');
}
