import { isJsonObject, type JsonObject } from '@aipassport/policy';

/** A schema of a specification, as the API reference shows it. */
export interface Shape {
  /** In words and JSON: `string`, `array of integer`, `"code"`. */
  readonly type: string;
  /** The named schema to which this schema (or an array's items) refers, and to which the page links. */
  readonly reference: string | undefined;
  readonly description: string | undefined;
  /** The other rules for a value, such as `maxLength: 100`. */
  readonly rules: readonly string[];
  readonly fields: readonly Field[];
  /** A value matches one of these schemas. */
  readonly choices: readonly Shape[];
}

export interface Field {
  readonly name: string;
  /** Where a parameter is sent: `query`, `path` or `header`. Undefined for the member of an object. */
  readonly place: string | undefined;
  readonly isRequired: boolean;
  readonly shape: Shape;
}

const ruleNames = [
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'minItems',
  'maxItems',
  'default',
] as const;

/** Reads a schema. Named schemas are not followed, because they may contain themselves. */
export function readShape(schema: JsonObject): Shape {
  const { $ref: reference, items, properties, required, oneOf } = schema;
  const common = { reference: undefined, description: textOf(schema['description']), rules: listRules(schema) };
  if (typeof reference === 'string') {
    const name = nameOf(reference);
    return { ...common, type: name, reference: name, fields: [], choices: [] };
  }
  if (isJsonObject(items)) {
    const item = readShape(items);
    const description = common.description ?? item.description;
    return { ...item, description, rules: [...common.rules, ...item.rules], type: `array of ${item.type}` };
  }
  const fields = Object.entries(isJsonObject(properties) ? properties : {}).map(([name, member]) => ({
    name,
    place: undefined,
    isRequired: Array.isArray(required) && required.includes(name),
    shape: readShape(isJsonObject(member) ? member : {}),
  }));
  const choices = Array.isArray(oneOf) ? oneOf.filter(isJsonObject).map(readShape) : [];
  return { ...common, type: describeType(schema), fields, choices };
}

function describeType({ const: only, enum: values, type, oneOf }: JsonObject): string {
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ');
  if (Array.isArray(type)) return type.join(' | ');
  if (typeof type === 'string') return type;
  return Array.isArray(oneOf) ? 'one of' : 'any';
}

function listRules(schema: JsonObject): readonly string[] {
  return ruleNames.flatMap((name) => (schema[name] === undefined ? [] : [`${name}: ${formatValue(schema[name])}`]));
}

function formatValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The last part of a reference: `#/components/schemas/Grant` is `Grant`, also in another file. */
export function nameOf(reference: string): string {
  return reference.split('/').at(-1) ?? reference;
}

/** The names of the schemas to which this shape refers. */
export function listReferences({ reference, fields, choices }: Shape): readonly string[] {
  const below = [...fields.map(({ shape }) => shape), ...choices].flatMap(listReferences);
  return reference === undefined ? below : [reference, ...below];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim() : undefined;
}
