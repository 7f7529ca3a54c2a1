import type { Limits } from '@aipassport/policy';
import type { ConsentDefaults } from '@aipassport/store/authorization';
import { usualAmount } from './suggested-limits.js';

/** The longest lifetime that is filled in for an owner without a default: 30 days. */
export const usualLifetimeSeconds = 2_592_000;

/** The largest amount and the longest lifetime that are filled in when an app asks for access. */
export interface PrefillBounds {
  /** In nano-US-dollars. */
  readonly maxCost: bigint;
  readonly lifetimeSeconds: number;
}

/** The owner's defaults. If the owner has set none, the operator's amount or the usual lifetime is used. */
export function findPrefillBounds(suggested: Limits, { maxCost, lifetimeSeconds }: ConsentDefaults): PrefillBounds {
  return {
    maxCost: maxCost ?? usualAmount(suggested),
    lifetimeSeconds: lifetimeSeconds ?? usualLifetimeSeconds,
  };
}

/** Whether a larger amount or a longer lifetime is filled in after a change of the defaults. */
export function isPrefillRaised(suggested: Limits, before: ConsentDefaults, after: ConsentDefaults): boolean {
  const [least, most] = [findPrefillBounds(suggested, before), findPrefillBounds(suggested, after)];
  return most.maxCost > least.maxCost || most.lifetimeSeconds > least.lifetimeSeconds;
}
