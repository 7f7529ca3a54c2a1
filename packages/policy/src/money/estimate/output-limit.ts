import { isCount } from '../json.js';
import { refuseCost } from './cost-refusal.js';
import { leastOutputTokens } from './estimate.js';

/** How many answers a request asks for: 1 if the member is absent or null. */
export function readChoices<Holder extends object>(holder: Holder, name: keyof Holder & string): number {
  return readCount(holder, name) ?? 1;
}

/**
 * @returns undefined when the member is absent or null
 * @throws CostRefused when it is not a whole number from 0 to 1,000,000
 */
export function readCount<Holder extends object>(holder: Holder, name: keyof Holder & string): number | undefined {
  const value: unknown = holder[name];
  if (value === undefined || value === null) return undefined;
  return isCount(value, 1_000_000) ? value : refuseCost(name, 'malformed');
}

/** The smallest useful output limit for a request whose own limit is `tokens`. */
export function leastOutputFor(tokens: number, least = leastOutputTokens): number {
  return Math.min(tokens, least);
}

/** Whether a member has a value. null counts as absent. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
