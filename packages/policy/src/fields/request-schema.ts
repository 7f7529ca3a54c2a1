import type { Field, FieldRule, FieldTable, Json } from './field.js';
import { modelNamePattern } from './field-rule.js';

/** A JSON schema. */
export type Schema = Readonly<Record<string, unknown>>;

/**
 * Writes the field table of an operation as the JSON schema of its requests. Fields that the table lacks are allowed,
 * because by default the proxy leaves them out of what it forwards.
 */
export function buildRequestSchema(table: FieldTable): Schema {
  const required = Object.keys(table).filter((name) => table[name]?.isRequired === true);
  const properties = Object.entries(table).map(([name, field]) => [name, describeField(field)] as const);
  return { type: 'object', ...(required.length > 0 && { required }), properties: Object.fromEntries(properties) };
}

function describeField({ rule, about, isRequired }: Field): Schema {
  const note = noteOf(rule);
  const schema = buildRuleSchema(rule);
  return { ...(isRequired === true ? schema : orNull(schema)), description: note === '' ? about : `${about} ${note}` };
}

/** Allows null, which means the same as no value. */
function orNull(schema: Schema): Schema {
  if (typeof schema['type'] === 'string') return { ...schema, type: [schema['type'], 'null'] };
  if (Array.isArray(schema['enum'])) return { ...schema, enum: [...(schema['enum'] as Json[]), null] };
  return schema;
}

function noteOf(rule: FieldRule): string {
  switch (rule.rule) {
    case 'values':
      return rule.problem === 'costs' ? 'Other values cost more, and are refused.' : '';
    case 'default':
      return defaultNotes[rule.problem];
    case 'kinds':
      return 'The cost of other values is unknown, so they are refused.';
    case 'needs':
      return `Needs \`cap:${rule.capability}\`.`;
    case 'any':
    case 'model':
    case 'list':
    case 'whole':
    case 'members':
    case 'each':
    case 'files':
      return '';
  }
}

const defaultNotes = {
  costs: 'Other values cost more, and are refused.',
  state: 'Other values refer to something that the provider stores, and are refused.',
  thread: 'It is left out, and the answer header `aipassport-dropped` names it.',
  unknown: '',
} as const;

function buildRuleSchema(rule: FieldRule): Schema {
  switch (rule.rule) {
    case 'any':
    case 'needs':
      return {};
    case 'model':
      return { type: 'string', pattern: modelNamePattern };
    case 'list':
      return { type: 'array', ...(rule.maxItems !== undefined && { maxItems: rule.maxItems }) };
    case 'whole':
      return { type: 'integer', minimum: rule.min, maximum: rule.max };
    case 'values':
      return rule.values.every((value) => typeof value === 'boolean') && rule.values.length === 2
        ? { type: 'boolean' }
        : { enum: rule.values };
    case 'default':
      return { enum: rule.values };
    case 'kinds': {
      const pattern = `^(${rule.known.join('|')})([_-](\\d{8}|\\d{4}[_-]\\d{2}[_-]\\d{2}))?$`;
      const properties = { type: { type: 'string', pattern } };
      return { type: 'array', items: { type: 'object', required: ['type'], properties } };
    }
    case 'members':
      return buildRequestSchema(rule.table);
    case 'each': {
      const { minItems, maxItems, table } = rule;
      const bounds = { ...(minItems !== undefined && { minItems }), ...(maxItems !== undefined && { maxItems }) };
      return { type: 'array', ...bounds, items: buildRequestSchema(table) };
    }
    case 'files':
      return rule.max === 1 ? file : { oneOf: [file, { type: 'array', maxItems: rule.max, items: file }] };
  }
}

const file: Schema = { type: 'string', contentMediaType: 'application/octet-stream' };

/** The name of an operation's schema in the OpenAPI document: `acme.chat/answers` has `AcmeChatAnswersRequest`. */
export function nameRequestSchema(operationId: string): string {
  const words = operationId.split(/[^A-Za-z]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Request`;
}
