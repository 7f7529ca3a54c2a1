import type { Capability } from '@aipassport/policy';
import type { KindPlace } from '../denials/field-denial.js';
import type { JsonObject, JsonValue } from '../json/read-strict-json.js';
import type { Wishes } from './upstream-api.js';

/**
 * What is known of the members of an object. Members that are not named are unknown: they are left out of what is
 * forwarded, and the client is told.
 */
export interface FieldTable {
  /** Known and harmless: passed as they are. */
  readonly passed: ReadonlySet<string>;
  /** Known to cost something, to reach state, or to have bounds. null passes every rule. */
  readonly judged?: Readonly<Record<string, FieldRule>>;
}

/** The table of one operation. */
export interface RequestTable extends FieldTable {
  /** What depends on more than one member; may put members in. Throws Denied. */
  readonly adjust?: (body: JsonObject, wishes: Wishes, modelId: string) => void;
}

/**
 * Why a value is refused: it costs more than is priced here, it reaches state, it goes on with a conversation that was
 * left out, or the vendor has no such value.
 */
export type ValueProblem = 'costs' | 'state' | 'thread' | 'unknown';

export type FieldRule =
  /** A whole number within bounds. The request schemas in `openapi/` promise the same bounds. */
  | { readonly rule: 'whole'; readonly min: number; readonly max: number }
  /** One of these values. */
  | { readonly rule: 'values'; readonly values: readonly JsonValue[]; readonly problem: ValueProblem }
  /** These values are left out, because they mean the same as no value, or nearly so: then the client is told. */
  | {
      readonly rule: 'default';
      readonly values: readonly JsonValue[];
      readonly problem: ValueProblem;
      readonly isTold?: true;
    }
  /** A list of objects of these types, without the dates of their releases. */
  | { readonly rule: 'kinds'; readonly of: KindPlace; readonly known: ReadonlySet<string> }
  /** An object whose members have a table of their own. */
  | { readonly rule: 'members'; readonly table: FieldTable }
  /** A list of such objects. */
  | { readonly rule: 'each'; readonly table: FieldTable }
  /** Any value, where the owner granted this. */
  | { readonly rule: 'needs'; readonly capability: Capability };

/** @param text names, separated by spaces */
export function words(...text: readonly string[]): ReadonlySet<string> {
  return new Set(text.flatMap((part) => part.trim().split(/\s+/)));
}

export function whole(min: number, max: number): FieldRule {
  return { rule: 'whole', min, max };
}

export function members(passed: string, judged: FieldTable['judged'] = {}): FieldRule {
  return { rule: 'members', table: { passed: words(passed), judged } };
}

export function each(table: FieldTable): FieldRule {
  return { rule: 'each', table };
}

export function needs(capability: Capability): FieldRule {
  return { rule: 'needs', capability };
}

/** Left out when it asks for a conversation to be held. Others go on with one. */
export function unheldThread(...values: readonly JsonValue[]): FieldRule {
  return { rule: 'default', values, problem: 'thread', isTold: true };
}

export function edits(known: string): FieldRule {
  return { rule: 'kinds', of: 'edit', known: words(known) };
}

/** One of these. Others are unknown to the vendor. */
export function oneOf(...values: readonly JsonValue[]): FieldRule {
  return { rule: 'values', values, problem: 'unknown' };
}

/** One of these. Others cost more than is priced here. */
export function pricedFor(...values: readonly JsonValue[]): FieldRule {
  return { rule: 'values', values, problem: 'costs' };
}

/** Left out when it is one of these. Others cost more than is priced here. */
export function onlyDefault(...values: readonly JsonValue[]): FieldRule {
  return { rule: 'default', values, problem: 'costs' };
}

/** Left out when it is one of these. Others point at something that the vendor stores. */
export function nothingStored(...values: readonly JsonValue[]): FieldRule {
  return { rule: 'default', values, problem: 'state' };
}
