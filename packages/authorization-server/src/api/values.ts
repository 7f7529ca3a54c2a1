import { formatDecimalUsd } from '@aipassport/policy';
import type { UsageSum } from '@aipassport/store/authorization';

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
