import { type Limits, limitKinds, limitTable } from '@aipassport/policy';

/** Whether there is a limit on money: in total, by month or by day. */
export function isMoneyLimited(limits: Limits): boolean {
  return limitKinds.some((kind) => limitTable[kind].unit === 'usd' && limits[kind] !== undefined);
}
