import { type FieldRule, type FieldTable, isOneOf, modelNamePattern } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import { describeValue } from '../denials/describe-value.js';
import { plainWord } from '../denials/plain-word.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/read-strict-json.js';
import { withoutDate } from '../upstreams/require-known-tools.js';
import type { BodyFacts } from '../upstreams/upstream-api.js';
import { LeftOut } from './left-out.js';
import { findField, type UnknownFields } from './request-rules.js';

export interface Sorting {
  readonly table: FieldTable;
  readonly canonicalName: (name: string) => string;
  readonly unknownFields: UnknownFields;
  readonly bodyFacts: Pick<BodyFacts, 'capabilities'>;
}

/**
 * Decides for each member of a body, by the table of its operation, whether it is forwarded, left out or refused.
 *
 * @returns the members to leave out; they stay in the body until `remove` is called
 * @throws Denied for a value that the table does not allow, for a missing list that the table requires, for a member
 * that occurs in two spellings, and for an unknown member if the operator's settings refuse unknown members
 */
export function sortFields(body: JsonObject, sorting: Sorting): LeftOut {
  const left = new LeftOut();
  sortMembers(body, '', sorting, left);
  return left;
}

function sortMembers(holder: JsonObject, prefix: string, sorting: Sorting, left: LeftOut): void {
  const { table, canonicalName, unknownFields } = sorting;
  const seen = new Set<string>();
  for (const key of Object.keys(holder)) {
    const name = canonicalName(key);
    if (seen.has(name)) throw new Denied({ reason: 'body_malformed', problem: 'repeated_member' });
    seen.add(name);
    const field = `${prefix}${plainWord(key) ?? '?'}`;
    const rule = findField(table, name)?.rule;
    if (rule !== undefined) judge({ holder, key, field }, rule, sorting, left);
    else if (unknownFields === 'refuse') throw new Denied({ reason: 'field_not_offered', field });
    else left.add({ holder, key }, field);
  }
  requireFields(holder, prefix, sorting);
}

/**
 * Checks only required lists. `requireModel` refuses a missing model, and the readers of forms refuse a missing file.
 */
function requireFields(holder: JsonObject, prefix: string, { table, canonicalName }: Sorting): void {
  for (const [name, { rule, isRequired }] of Object.entries(table)) {
    if (isRequired !== true || rule.rule !== 'each') continue;
    const key = Object.keys(holder).find((candidate) => canonicalName(candidate) === name) ?? name;
    if ((holder[key] ?? null) === null) refuseShape(`${prefix}${name}`, holder[key], describeList(rule));
  }
}

interface ListBounds {
  readonly minItems?: number;
  readonly maxItems?: number;
}

function describeList({ minItems = 0, maxItems }: ListBounds): string {
  return maxItems === undefined ? 'a list' : `a list of ${minItems} to ${maxItems}`;
}

function requireList(field: string, value: JsonValue, bounds: ListBounds): readonly JsonValue[] {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = bounds;
  if (Array.isArray(value) && value.length >= minItems && value.length <= maxItems) return value;
  return refuseShape(field, value, describeList(bounds));
}

interface Member {
  readonly holder: JsonObject;
  readonly key: string;
  readonly field: string;
}

function judge(member: Member, rule: FieldRule, sorting: Sorting, left: LeftOut): void {
  const { holder, key, field } = member;
  const value = holder[key] ?? null;
  if (value === null) {
    if (rule.rule === 'default') left.add({ holder, key });
    return;
  }
  switch (rule.rule) {
    case 'any':
      return;
    case 'model':
      if (typeof value !== 'string' || !modelName.test(value)) refuseShape(field, value, 'the name of a model');
      return;
    case 'list':
      requireList(field, value, rule);
      return;
    case 'whole':
      return requireWhole(field, value, rule);
    case 'values':
      if (!isOneOf(value, rule.values)) refuseValue(field, value, rule);
      return;
    case 'default':
      if (!isOneOf(value, rule.values)) refuseValue(field, value, rule);
      left.add({ holder, key }, rule.isReported === true ? field : undefined);
      return;
    case 'kinds':
      return requireKinds(field, value, rule);
    case 'members':
      return sortObject(value, field, { ...sorting, table: rule.table }, left);
    case 'each':
      requireList(field, value, rule).forEach((item, index) =>
        sortObject(item, `${field}[${index}]`, { ...sorting, table: rule.table }, left),
      );
      return;
    case 'needs':
      sorting.bodyFacts.capabilities.add(rule.capability);
      return;
    case 'files':
      return requireFiles(field, value, rule);
  }
}

function sortObject(value: JsonValue, field: string, sorting: Sorting, left: LeftOut): void {
  if (!isJsonObject(value)) return refuseShape(field, value, 'an object');
  sortMembers(value, `${field}.`, sorting, left);
}

function refuseShape(field: string, value: JsonValue | undefined, expected: string): never {
  throw new Denied({ reason: 'field_invalid', field, found: describeValue(value), expected });
}

const modelName = new RegExp(modelNamePattern);

/** Refuses `"5"` and `5.5`, which are not whole numbers. */
function requireWhole(field: string, value: JsonValue, { min, max }: Extract<FieldRule, { rule: 'whole' }>): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return;
  refuseShape(field, value, `a whole number from ${min} to ${max}`);
}

/** When a form is described as a JSON body, the value of a field with files is the number of its files. */
function requireFiles(field: string, value: JsonValue, { max }: Extract<FieldRule, { rule: 'files' }>): void {
  if (typeof value === 'number' && value <= max) return;
  throw new Denied({ reason: 'form_malformed', problem: 'too_many_pictures', field });
}

function requireKinds(field: string, value: JsonValue, { of, known }: Extract<FieldRule, { rule: 'kinds' }>): void {
  if (!Array.isArray(value)) return refuseShape(field, value, 'a list');
  value.forEach((item, index) => {
    const type = isJsonObject(item) ? item.type : undefined;
    if (typeof type === 'string' && known.includes(withoutDate(type))) return;
    throw new Denied({ reason: 'kind_not_offered', of, field: `${field}[${index}]`, kind: describeValue(type) });
  });
}

function refuseValue(
  field: string,
  value: JsonValue,
  { values, problem }: Extract<FieldRule, { rule: 'values' | 'default' }>,
): never {
  const found = describeValue(value);
  if (problem === 'thread') throw new Denied({ reason: 'thread_not_stored', field });
  if (problem === 'state') throw new Denied({ reason: 'stored_state_refused', field, found });
  throw new Denied({ reason: 'value_not_offered', field, found, problem, offered: values.map(describeValue) });
}
