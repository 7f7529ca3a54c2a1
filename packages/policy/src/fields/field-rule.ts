import { isDeepStrictEqual } from 'node:util';
import type { Capability } from '../catalogue/capabilities.js';
import type { FieldTable } from './field.js';

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json };

/**
 * Why a value is refused: it costs more than is priced here, it reaches state, it goes on with a conversation that was
 * left out, or the vendor has no such value.
 */
export type ValueProblem = 'costs' | 'state' | 'thread' | 'unknown';

/** Which values a field may have. null passes every rule but `model`: it means that the field is absent. */
export type FieldRule =
  /** Any value. */
  | { readonly rule: 'any' }
  /** The name of a model. */
  | { readonly rule: 'model' }
  /** A list of anything, of so many at most. */
  | { readonly rule: 'list'; readonly maxItems?: number }
  /** A whole number within bounds. */
  | { readonly rule: 'whole'; readonly min: number; readonly max: number }
  /** One of these values. */
  | { readonly rule: 'values'; readonly values: readonly Json[]; readonly problem: ValueProblem }
  /** These values are left out, because they mean the same as no value, or nearly so: then the client is told. */
  | {
      readonly rule: 'default';
      readonly values: readonly Json[];
      readonly problem: ValueProblem;
      readonly isTold?: true;
    }
  /** A list of objects of these types, without the dates of their releases. */
  | { readonly rule: 'kinds'; readonly of: 'edit'; readonly known: readonly string[] }
  /** An object whose members have a table of their own. */
  | { readonly rule: 'members'; readonly table: FieldTable }
  /** A list of such objects, with so many at least and at most. */
  | { readonly rule: 'each'; readonly table: FieldTable; readonly minItems?: number; readonly maxItems?: number }
  /** Any value, where the owner granted this. */
  | { readonly rule: 'needs'; readonly capability: Capability }
  /** Files of a form, at most so many. */
  | { readonly rule: 'files'; readonly max: number };

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
