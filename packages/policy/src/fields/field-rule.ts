import { isDeepStrictEqual } from 'node:util';
import type { Capability } from '../catalogue/capabilities.js';
import type { FieldRule, FieldTable, Json } from './field.js';

/** The form of a model name, in the catalogue and in a path. */
export const modelNamePattern = '^[A-Za-z0-9_.:/-]{1,128}$';

export const list: FieldRule = { rule: 'list' };

export function listOf(maxItems: number): FieldRule {
  return { rule: 'list', maxItems };
}

export function whole(min: number, max: number): FieldRule {
  return { rule: 'whole', min, max };
}

export function members(table: FieldTable): FieldRule {
  return { rule: 'members', table };
}

export function each(
  table: FieldTable,
  bounds: { readonly minItems?: number; readonly maxItems?: number } = {},
): FieldRule {
  return { rule: 'each', table, ...bounds };
}

export function needs(capability: Capability): FieldRule {
  return { rule: 'needs', capability };
}

export function files(max: number): FieldRule {
  return { rule: 'files', max };
}

/** Edits of these types. The cost of other edits is not known. */
export function edits(...known: readonly string[]): FieldRule {
  return { rule: 'kinds', of: 'edit', known };
}

/** One of these values. The vendor knows no other value. */
export function oneOf(...values: readonly Json[]): FieldRule {
  return { rule: 'values', values, problem: 'unknown' };
}

export const flag: FieldRule = oneOf(true, false);

/** One of these values. Other values cost more than the catalogue's prices. */
export function pricedFor(...values: readonly Json[]): FieldRule {
  return { rule: 'values', values, problem: 'costs' };
}

/** A field that is left out when it has one of these values. Other values cost more than the catalogue's prices. */
export function onlyDefault(...values: readonly Json[]): FieldRule {
  return { rule: 'default', values, problem: 'costs' };
}

/** A field that is left out when it has one of these values. Other values point at something that the vendor stores. */
export function nothingStored(...values: readonly Json[]): FieldRule {
  return { rule: 'default', values, problem: 'state' };
}

/**
 * A field that is left out when it has one of these values, which ask the vendor to store a new conversation. Other
 * values continue a conversation that began in this way.
 */
export function unsupportedThread(...values: readonly Json[]): FieldRule {
  return { rule: 'default', values, problem: 'thread', isReported: true };
}

/** Compares by content. The order of an object's members does not matter. */
export function isOneOf(value: unknown, values: readonly Json[]): boolean {
  return values.some((candidate) => isDeepStrictEqual(value, candidate));
}
