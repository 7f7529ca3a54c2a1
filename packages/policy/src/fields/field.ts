import type { Capability } from '../catalogue/capabilities.js';

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json };

/**
 * Why a value is refused. `costs`: it costs more than the catalogue's prices. `state`: it reaches something that the
 * vendor stores. `thread`: it continues a conversation that the vendor does not store, because the proxy leaves out the
 * field that begins one. `unknown`: the vendor has no such value.
 */
export type ValueProblem = 'costs' | 'state' | 'thread' | 'unknown';

/** Which values a field may have. For all rules, a field with the value null counts as absent. */
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
  /** An object whose members have their own table. */
  | { readonly rule: 'members'; readonly table: FieldTable }
  /** A list of objects that have their own table, with a minimum and a maximum number of items. */
  | { readonly rule: 'each'; readonly table: FieldTable; readonly minItems?: number; readonly maxItems?: number }
  /** Any value, if the owner granted this capability. */
  | { readonly rule: 'needs'; readonly capability: Capability }
  /** Files of a form, with a maximum number. */
  | { readonly rule: 'files'; readonly max: number };

/**
 * The rule and the class of one field of a request. A field without an entry in the table is unknown. It is left out,
 * and an answer header names it; or the request is refused, if the operator has chosen that.
 */
export type Field = CostingField | StateField | HarmlessField;

interface FieldBase {
  readonly rule: FieldRule;
  /** One sentence for the API description. */
  readonly about: string;
  readonly isRequired?: true;
}

/** A field that changes the price. The estimate can read only such fields: see `PricedBody`. */
export interface CostingField<Kind extends CostKind = CostKind> extends FieldBase {
  readonly class: 'costs';
  readonly cost: Kind;
}

export type CostKind =
  /** The model reads the field. A longer value costs more. */
  | 'input'
  /** The field sets how much the model writes. */
  | 'output'
  /** The field makes the vendor run tools, for a fee or in more rounds. */
  | 'tools'
  /** The field changes the price of a token. */
  | 'rate';

/** A field that reaches something that the vendor stores. */
export interface StateField extends FieldBase {
  readonly class: 'state';
}

/** A field that neither changes the price nor reaches stored objects. Its value may still have bounds. */
export interface HarmlessField extends FieldBase {
  readonly class: 'harmless';
}

/** The known fields of an object, by their canonical names. */
export type FieldTable = Readonly<Record<string, Field>>;

/**
 * The body as the estimate of an operation may read it: only the fields that the operation's table classes as costing.
 * Code that reads another field does not compile.
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

/** The model, in operations whose body names it. */
export const modelName: HarmlessField = { ...harmless('The model.', { rule: 'model' }), isRequired: true };

/**
 * The field table of an operation that only counts tokens. Requests cost nothing, whatever their size. Values that
 * would cost more in the counted operation are still refused.
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
  return Object.fromEntries(free) as FreeTable<Table>; // `free` has the table's names and the classes of the type
}
