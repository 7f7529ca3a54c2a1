import type { FieldRule } from './field-rule.js';

/** What is known of one field of a request. A field that no table names is unknown: it is left out, and the client is told. */
export type Field = CostingField | StateField | HarmlessField;

interface FieldBase {
  readonly rule: FieldRule;
  /** One sentence for the API description. */
  readonly about: string;
  readonly isRequired?: true;
}

/** A field that changes the price. The estimate reads it; the types of `PricedBody` let it read no other. */
export interface CostingField extends FieldBase {
  readonly class: 'costs';
  readonly cost: CostKind;
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
 * A body as the estimate of an operation may read it: by the names that its table classes as costing. A name that the
 * table lacks does not compile.
 */
export type PricedBody<Table extends FieldTable> = {
  readonly [Name in keyof Table as Table[Name] extends CostingField ? Name : never]?: unknown;
};

const anyValue: FieldRule = { rule: 'any' };

export function input(about: string, rule: FieldRule = anyValue): CostingField {
  return { class: 'costs', cost: 'input', rule, about };
}

export function output(about: string, rule: FieldRule = anyValue): CostingField {
  return { class: 'costs', cost: 'output', rule, about };
}

export function tools(about: string, rule: FieldRule = anyValue): CostingField {
  return { class: 'costs', cost: 'tools', rule, about };
}

export function rate(about: string, rule: FieldRule = anyValue): CostingField {
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
