import { formatUsd, type LimitKind, type Limits, limitTable } from '@aipassport/policy';
import type { Problem } from '../pages/parts.js';

/** For example `$20.00` or `1,000`. */
export function formatLimit(value: number | bigint): string {
  return typeof value === 'bigint' ? formatUsd(value) : formatCount(value);
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Says which values the limit's field accepts, after another value was sent. */
export function describeMalformedLimit(kind: LimitKind): Problem {
  const { member, label, unit, max } = limitTable[kind];
  const form =
    unit === 'usd'
      ? 'give an amount in US dollars with a point before the cents, such as 2.50'
      : `give a whole number from 1 to ${formatLimit(max)}`;
  return { field: member, message: `${label}: ${form}, or leave it empty for no limit.` };
}

/** Says that a limit is above what the client asks for. The owner may lower the client's limits but not raise them. */
export function describeLimitAboveAsked(kind: LimitKind, asked: Limits): Problem {
  const { member, label } = limitTable[kind];
  const most = asked[kind];
  const wish = most === undefined ? '' : `the app asks for ${formatLimit(most)}. `;
  return { field: member, message: `${label}: ${wish}You may lower it, but neither raise it nor leave it empty.` };
}

/** Says that a limit is below what the app has used already. */
export function describeLimitBelowUse(kind: LimitKind, used: number | bigint): Problem {
  const { member, label } = limitTable[kind];
  const message = `${label}: ${formatLimit(used)} is used already. Allow at least that much, or deny.`;
  return { field: member, message };
}
