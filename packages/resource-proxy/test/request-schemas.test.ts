import { loadSpecification, type Validator } from '@aipassport/contracts';
import {
  buildRequestSchema,
  createUpstreamCatalogue,
  type Field,
  type FieldRule,
  type FieldTable,
  fieldTables,
  harmless,
  hasFields,
  nameRequestSchema,
} from '@aipassport/policy';
import { expect, it } from '@jest/globals';
import { Denied } from '../src/denials/denial.js';
import type { JsonObject, JsonValue } from '../src/json/read-strict-json.js';
import { listOccurrences } from '../src/multipart/list-occurrences.js';
import { sortFields } from '../src/preparing/sort-fields.js';
import { upstreamApis } from '../src/upstreams/upstream-apis.js';

const specification = loadSpecification('resource-proxy');

/** The strict reader's result for a body: the fields that it leaves out, or the one that it refuses. */
function read(
  table: FieldTable,
  body: JsonObject,
): { readonly left: readonly string[] } | { readonly refused: string } {
  const { canonicalName } = upstreamApis.openai;
  const bodyFacts = { capabilities: new Set<never>() };
  try {
    return { left: sortFields(body, { table, canonicalName, unknownFields: 'drop', bodyFacts }).reported };
  } catch (error) {
    if (error instanceof Denied && 'field' in error.denial) return { refused: error.denial.field ?? '' };
    throw error;
  }
}

const anyValues: readonly JsonValue[] = [null, 0, 1, -1, 1.5, 1e9, '', '5', 'x', 'a b', true, false, [], {}, [1], [{}]];

/** Values around the bounds of a rule, and values of every type. */
function listValues(rule: FieldRule): readonly JsonValue[] {
  switch (rule.rule) {
    case 'whole':
      return [...anyValues, rule.min - 1, rule.min, rule.max, rule.max + 1, rule.min + 0.5, String(rule.min)];
    case 'values':
    case 'default':
      return [...anyValues, ...(rule.values as readonly JsonValue[])]; // the type `Json` allows the same values
    case 'list':
      return [...anyValues, ...[20, 21].map((count) => Array.from({ length: count }, () => ({})))];
    case 'kinds':
      return [...anyValues, ...rule.known.map((type) => [{ type: `${type}_20250101` }]), [{ type: 'other_20250101' }]];
    case 'model':
      return [...anyValues, 'gpt-4o', 'x'.repeat(128), 'x'.repeat(129)];
    case 'members':
      return [...anyValues, ...listBodies(rule.table)];
    case 'each': {
      const of = (count: number) => Array.from({ length: count }, () => ({}));
      const counts = [1, 2, rule.maxItems ?? 1, (rule.maxItems ?? 1) + 1];
      return [...anyValues, ...counts.map(of), ...listBodies(rule.table).map((body) => [body])];
    }
    default:
      return anyValues;
  }
}

/** Bodies that have one field of a table, with each of its values. */
function listBodies(table: FieldTable): readonly JsonObject[] {
  return Object.entries(table).flatMap(([name, { rule }]) => listValues(rule).map((value) => ({ [name]: value })));
}

const required: Readonly<Record<string, JsonValue>> = { model: 'm', images: [{}], requests: [{}] };
const isFile = ({ rule }: Field) => rule.rule === 'files';

const tables = Object.entries(fieldTables).filter(([, table]) => Object.keys(table).length > 0);
const formTables = tables.filter(([, table]) => Object.values(table).some(isFile));

/** The fields of a table whose values are not files. A form sends a value as text; the table describes the value. */
function withoutFiles(table: FieldTable): FieldTable {
  return Object.fromEntries(Object.entries(table).filter(([, field]) => !isFile(field)));
}

it.each(tables)('the strict reader accepts for %s what the request schema accepts, and nothing else', (id, table) => {
  const validate = findValidator(id, table);
  const complete = Object.fromEntries(Object.entries(required).filter(([name]) => Object.hasOwn(table, name)));
  // In the schema, a file is text. For the reader of a form, the value of a field with files is their number.
  const needed = Object.keys(table).filter((name) => table[name]?.isRequired === true && isFile(table[name]));
  const all = (file: JsonValue) => ({ ...complete, ...Object.fromEntries(needed.map((name) => [name, file])) });
  let refused = 0;
  for (const fields of listBodies(withoutFiles(table))) {
    const body = { ...all('content'), ...fields };
    // A model that is null is refused later, by `requireModel`.
    if (body.model === null && table['model']?.isRequired === true) continue;
    const violations = validate(body);
    const verdict = read(table, { ...all(1), ...fields });
    expect([body, 'refused' in verdict]).toEqual([body, violations !== undefined]);
    if (violations !== undefined) refused += 1;
  }
  const hasRules = Object.values(withoutFiles(table)).some(({ rule }) => rule.rule !== 'any' && rule.rule !== 'needs');
  expect(refused > 0).toBe(hasRules);
});

it.each(
  formTables.flatMap(([id, table]) =>
    Object.entries(table).flatMap(([name, { rule }]) => (rule.rule === 'files' ? [{ id, name, max: rule.max }] : [])),
  ),
)('the schema of $id allows as many files named $name as the reader: $max', ({ id, name, max }) => {
  const table = fieldTables[id as keyof typeof fieldTables]; // a key of the table
  const validate = findValidator(id, table);
  for (const count of [1, max, max + 1]) {
    const files = count === 1 ? 'content' : Array.from({ length: count }, () => 'content');
    const violations = validate({ model: 'm', image: 'content', file: 'content', [name]: files });
    expect([count, 'refused' in read(table, { [name]: count })]).toEqual([count, violations !== undefined]);
  }
});

it.each(formTables)(
  'in a form for %s, only the fields that the schema describes as lists may be repeated',
  (id, table) => {
    const schema = buildRequestSchema(table) as { properties: Record<string, { type?: unknown }> };
    const occurrences = listOccurrences(table);
    for (const [name, { type }] of Object.entries(schema.properties)) {
      const isList = [type].flat().includes('array');
      expect([id, name, occurrences.get(name)]).toEqual([id, name, isList ? 'repeated' : 'once']);
      expect([id, name, occurrences.get(`${name}[]`)]).toEqual([id, name, isList ? 'repeated' : undefined]);
    }
  },
);

/** The first operation that has this table. */
function findOwner(table: FieldTable): string | undefined {
  return Object.entries(fieldTables).find(([, candidate]) => candidate === table)?.[0];
}

function findValidator(id: string, table: FieldTable): Validator {
  const owner = findOwner(table) ?? id;
  return specification.compile(`/components/schemas/${nameRequestSchema(owner)}`);
}

it('the description of each operation refers to the schema of its table', () => {
  let found = 0;
  for (const { form, jsonForm, method, upstream, upstreamPath } of createUpstreamCatalogue().operations) {
    const described = specification.document.paths[`/${upstream}${upstreamPath}`]?.[method.toLowerCase()] as
      | { requestBody?: { content: Record<string, { schema: { $ref?: string } }> } }
      | undefined;
    for (const [type, { schema }] of Object.entries(described?.requestBody?.content ?? {})) {
      const id = (type === 'application/json' && jsonForm) || form;
      if (!hasFields(id)) continue;
      const owner = findOwner(fieldTables[id]) ?? '';
      expect([form, type, schema.$ref]).toEqual([form, type, `#/components/schemas/${nameRequestSchema(owner)}`]);
      found += 1;
    }
  }
  expect(found).toBeGreaterThan(Object.keys(fieldTables).length);
});

it('a field is added in one place, and the schema and the reader then have it with its bounds', () => {
  const added: FieldTable = {
    ...fieldTables['openai.chat/completions'],
    new_name: harmless('A name.'),
    new_count: harmless('A number.', { rule: 'whole', min: 2, max: 5 }),
  };
  expect(buildRequestSchema(added)['properties']).toMatchObject({
    new_name: { description: 'A name.' },
    new_count: { type: ['integer', 'null'], minimum: 2, maximum: 5, description: 'A number.' },
  });
  const body = { model: 'gpt-4o', messages: [] };
  const cases: readonly (readonly [JsonObject, string | undefined])[] = [
    [{ new_name: 'x', new_count: 5 }, undefined],
    [{ new_count: 6 }, 'new_count'],
    [{ new_count: 1 }, 'new_count'],
    [{ new_count: '5' }, 'new_count'],
  ];
  for (const [fields, refused] of cases)
    expect(read(added, { ...body, ...fields })).toEqual(refused === undefined ? { left: [] } : { refused });
  const before = fieldTables['openai.chat/completions'];
  expect(read(before, { ...body, new_name: 'x', new_count: 6 })).toEqual({ left: ['new_name', 'new_count'] });
});
