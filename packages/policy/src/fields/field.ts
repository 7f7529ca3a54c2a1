import type { Capability } from '../catalogue/capabilities.js';

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json };

/**
 * Why a value is refused. `costs`: it costs more than the prices here. `state`: it reaches something that the vendor
 * stores. `thread`: it continues a conversation that was left out. `unknown`: the vendor has no such value.
 */
export type ValueProblem = 'costs' | 'state' | 'thread' | 'unknown';

/** Which values a field may have. null passes every rule but `model`: it means that the field is absent. */
export type FieldRule =
  /** Any value. */
  | { readonly rule: 'any' }
  /** The name of a model. */
  | { readonly rule: 'model' }
  /** A list of anything, with at most `maxItems` items. */
  | { readonly rule: 'list'; readonly maxItems?: number }
  /** A whole number within bounds. */
  | { readonly rule: 'whole'; readonly min: number; readonly max: number }
  /** One of these values. */
  | { readonly rule: 'values'; readonly values: readonly Json[]; readonly problem: ValueProblem }
  /**
   * These values are left out, because they mean the same as no value. `isReported`: they mean nearly the same, so an
   * answer header names the field.
   */
  | {
      readonly rule: 'default';
      readonly values: readonly Json[];
      readonly problem: ValueProblem;
      readonly isReported?: true;
    }
  /** A list of objects of these types. The release date at the end of a type is ignored. */
  | { readonly rule: 'kinds'; readonly of: 'edit'; readonly known: readonly string[] }
  /** An object whose members have a table of their own. */
  | { readonly rule: 'members'; readonly table: FieldTable }
  /** A list of objects that have a table of their own, with a minimum and a maximum number of items. */
  | { readonly rule: 'each'; readonly table: FieldTable; readonly minItems?: number; readonly maxItems?: number }
  /** Any value, if the owner granted this capability. */
  | { readonly rule: 'needs'; readonly capability: Capability }
  /** Files of a form, with a maximum number. */
  | { readonly rule: 'files'; readonly max: number };

/**
 * The rule and the class of one field of a request. A field that no table names is unknown: it is left out, and an
 * answer header names it.
 */
export type Field = CostingField | StateField | HarmlessField;

interface FieldBase {
  readonly rule: FieldRule;
  /** One sentence for the API description. */
  readonly about: string;
  readonly isRequired?: true;
}

/** A field that changes the price. The estimate reads it; the types of `PricedBody` let it read no other. */
export interface CostingField<Kind extends CostKind = CostKind> extends FieldBase {
  readonly class: 'costs';
  readonly cost: Kind;
}

export type CostKind =
  /** The model reads it. More of it costs more. */
  | 'input'
  /** It sets how much the model writes. */
  | 'output'
  /** The vendor runs tools for it, for a fee or in more rounds. */
  | 'tools'
  /** It chooses what a token costs. */
  | 'rate';

/** A field that reaches something that the vendor stores. */
export interface StateField extends FieldBase {
  readonly class: 'state';
}

/** A field that neither costs nor reaches anything. It may still have bounds. */
export interface HarmlessField extends FieldBase {
  readonly class: 'harmless';
}

/** The known fields of an object, by their canonical names. */
export type FieldTable = Readonly<Record<string, Field>>;

/**
 * The body as the estimate of an operation may read it: only the fields that the operation's table classes as costing.
 * Reading a field that the table lacks does not compile.
 */
export type PricedBody<Table extends FieldTable> = {
  readonly [Name in keyof Table as Table[Name] extends CostingField ? Name : never]?: unknown;
};

const anyValue: FieldRule = { rule: 'any' };

export function input(about: string, rule: FieldRule = anyValue): CostingField<'input'> {
  return { class: 'costs', cost: 'input', rule, about };
}

export function output(about: string, rule: FieldRule = anyValue): CostingField<'output'> {
  return { class: 'costs', cost: 'output', rule, about };
}

export function tools(about: string, rule: FieldRule = anyValue): CostingField<'tools'> {
  return { class: 'costs', cost: 'tools', rule, about };
}

export function rate(about: string, rule: FieldRule = anyValue): CostingField<'rate'> {
  return { class: 'costs', cost: 'rate', rule, about };
}

export function state(about: string, rule: FieldRule = anyValue): StateField {
  return { class: 'state', rule, about };
}

export function harmless(about: string, rule: FieldRule = anyValue): HarmlessField {
  return { class: 'harmless', rule, about };
}

/** The model, where the body names it. */
export const modelName: HarmlessField = { ...harmless('The model.', { rule: 'model' }), isRequired: true };

/**
 * The table of an operation that only counts. It costs nothing, whatever its size. More expensive values are still
 * refused.
 */
export type FreeTable<Table extends FieldTable> = {
  readonly [Name in keyof Table]: Table[Name] extends CostingField<infer Kind>
    ? Kind extends 'rate'
      ? Table[Name]
      : HarmlessField
    : Table[Name];
};

export function asFree<const Table extends FieldTable>(table: Table): FreeTable<Table> {
  const free = Object.entries(table).map(([name, field]) =>
    field.class === 'costs' && field.cost !== 'rate' ? [name, harmless(field.about, field.rule)] : [name, field],
  );
  return Object.fromEntries(free) as FreeTable<Table>; // the same names, and the classes as the type says
}
