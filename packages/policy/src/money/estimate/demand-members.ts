import type { JsonObject } from '../json.js';
import { type CostProblem, refuseCost } from './cost-refusal.js';

/** Refuses a member that is there at all; null is absent. */
export function refuseMember(holder: JsonObject, name: string, problem: CostProblem): void {
  const value = holder[name];
  if (value !== undefined && value !== null) refuseCost(name, problem);
}

/** Refuses a member with any other value than these, since it may cost more. */
export function requireOneOf(holder: JsonObject, name: string, allowed: readonly unknown[]): void {
  const value = holder[name];
  if (value === undefined || value === null) return;
  const text = JSON.stringify(value);
  if (!allowed.some((candidate) => JSON.stringify(candidate) === text)) refuseCost(name, 'not_priced');
}
