import { isCount, isJsonObject, type JsonObject } from '@aipassport/policy';
import { refuseUsage } from './usage-reading.js';

/** Requires the object that contains an answer's usage. @throws UsageRefused */
export function requireUsage(value: unknown): JsonObject {
  if (value === undefined || value === null) return refuseUsage('usage_missing');
  return isJsonObject(value) ? value : refuseUsage('usage_malformed');
}

/** Requires a count to be present. @throws UsageRefused */
export function requireCount(holder: JsonObject, name: string): number {
  return readUsageCount(holder, name) ?? refuseUsage('usage_missing');
}

/** A count that may be absent or null. @throws UsageRefused if it is present and not a whole, non-negative number */
export function readUsageCount(holder: JsonObject, name: string): number | undefined {
  const value = holder[name];
  if (value === undefined || value === null) return undefined;
  return isCount(value) ? value : refuseUsage('usage_malformed');
}

/** Reads an object of more detailed counts. An absent object counts as empty. @throws UsageRefused */
export function readDetails(holder: JsonObject, name: string): JsonObject {
  const value = holder[name];
  if (value === undefined || value === null) return {};
  return isJsonObject(value) ? value : refuseUsage('usage_malformed');
}

/** Subtracts the parts from a count. @throws UsageRefused when they are more than the whole */
export function subtractParts(whole: number, ...parts: number[]): number {
  const rest = parts.reduce((left, part) => left - part, whole);
  return rest >= 0 ? rest : refuseUsage('usage_contradictory');
}

/** @throws UsageRefused for zero: an answer always uses some tokens */
export function requireSome(count: number): void {
  if (count === 0) refuseUsage('usage_contradictory');
}

/** @throws UsageRefused when a total is given that is not the sum */
export function requireTotal(holder: JsonObject, name: string, sum: number): void {
  const total = readUsageCount(holder, name);
  if (total !== undefined && total !== sum) refuseUsage('usage_contradictory');
}
