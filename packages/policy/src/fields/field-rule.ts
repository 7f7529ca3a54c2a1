import { isDeepStrictEqual } from 'node:util';
import type { Capability } from '../catalogue/capabilities.js';
import type { FieldRule, FieldTable, Json } from './field.js';

/** As the catalogue may have it, and as a path may hold it. */
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

/** Edits of these types. What others cost is not known. */
export function edits(...known: readonly string[]): FieldRule {
  return { rule: 'kinds', of: 'edit', known };
}

/** One of these. Others are unknown to the vendor. */
export function oneOf(...values: readonly Json[]): FieldRule {
  return { rule: 'values', values, problem: 'unknown' };
}

export const flag: FieldRule = oneOf(true, false);

/** One of these. Others cost more than is priced here. */
export function pricedFor(...values: readonly Json[]): FieldRule {
  return { rule: 'values', values, problem: 'costs' };
}

/** Left out when it is one of these. Others cost more than is priced here. */
export function onlyDefault(...values: readonly Json[]): FieldRule {
  return { rule: 'default', values, problem: 'costs' };
}

/** Left out when it is one of these. Others point at something that the vendor stores. */
export function nothingStored(...values: readonly Json[]): FieldRule {
  return { rule: 'default', values, problem: 'state' };
}

/** Left out when it asks for a conversation to be held. Others go on with one. */
export function unheldThread(...values: readonly Json[]): FieldRule {
  return { rule: 'default', values, problem: 'thread', isTold: true };
}

/** Compares by content: objects whatever the order of their members. */
export function isOneOf(value: unknown, values: readonly Json[]): boolean {
  return values.some((candidate) => isDeepStrictEqual(value, candidate));
}
