import { Denied } from '../denials/denial.js';
import type { JsonValue } from '../json/read-strict-json.js';

/** Requires a whole number within bounds; null counts as absent. `"5"` and `5.5` are none. */
export function requireInteger(
  field: string,
  value: JsonValue | undefined,
  [min, max]: readonly [number, number],
): void {
  if (value === undefined || value === null) return;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new Denied({ reason: 'field_invalid', field });
  }
}
