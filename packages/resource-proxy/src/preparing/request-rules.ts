import {
  type Dialect,
  type Field,
  type FieldedOperationId,
  type FieldTable,
  fieldTables,
  harmless,
  hasFields,
  parseOperationId,
} from '@aipassport/policy';
import type { JsonValue } from '../json/read-strict-json.js';
import type { KindAdditions } from '../upstreams/upstream-api.js';
import { MalformedFields, type RequestFields } from './request-fields.js';

/** The treatment of members that are in no table. */
export type UnknownFields = 'drop' | 'refuse';

/** The operator's settings for requests. They are plain data, because they are passed to threads. */
export interface RequestSettings {
  readonly unknownFields: UnknownFields;
  readonly fields: RequestFields;
}

/** The tables of all operations, including the members and values that the operator added. */
export interface RequestRules {
  readonly unknownFields: UnknownFields;
  readonly tableOf: (operationId: FieldedOperationId) => FieldTable;
  readonly additionsFor: (dialect: Dialect) => KindAdditions;
}

/**
 * @throws MalformedFields when the operator's file names an unknown operation, or a member or a value that cannot be
 * added
 */
export function createRequestRules({ unknownFields, fields: operators }: RequestSettings): RequestRules {
  const tables: Record<FieldedOperationId, FieldTable> = { ...fieldTables };
  const change = (section: string, operationId: string, changeTable: (table: FieldTable) => FieldTable): void => {
    const id = parseOperationId(operationId);
    if (id === undefined || !hasFields(id))
      throw new MalformedFields(
        `${section}["${operationId}"] is not an operation; the operations are ${Object.keys(tables).join(', ')}`,
      );
    tables[id] = changeTable(tables[id]);
  };
  for (const [operationId, names] of Object.entries(operators.fields))
    for (const name of names)
      change('fields', operationId, (table) => addField(table, name.split('.'), `fields["${operationId}"]: ${name}`));
  for (const [operationId, members] of Object.entries(operators.values))
    for (const [name, values] of Object.entries(members))
      change('values', operationId, (table) => addValues(table, name, values, `values["${operationId}"].${name}`));
  return {
    unknownFields,
    tableOf: (operationId) => tables[operationId],
    additionsFor: (dialect) => ({
      tools: new Set(operators.tools[dialect]),
      items: new Set(operators.items[dialect]),
      content: new Set(operators.content[dialect]),
      betas: new Set(operators.betas[dialect]),
    }),
  };
}

function addField(table: FieldTable, [name = '', ...rest]: readonly string[], where: string): FieldTable {
  const field = findField(table, name);
  if (rest.length > 0) {
    const rule = field?.rule;
    if (field === undefined || (rule?.rule !== 'members' && rule?.rule !== 'each'))
      throw new MalformedFields(`${where} is below a member that has no table of its own`);
    return { ...table, [name]: { ...field, rule: { ...rule, table: addField(rule.table, rest, where) } } };
  }
  if (field !== undefined && field.rule.rule !== 'any') throw new MalformedFields(`${where} has a rule of its own`);
  return { ...table, [name]: field ?? harmless('Known to the operator.') };
}

function addValues(table: FieldTable, name: string, values: readonly JsonValue[], where: string): FieldTable {
  const field = findField(table, name);
  const rule = field?.rule;
  if (field === undefined || rule?.rule !== 'values') throw new MalformedFields(`${where} has no list of values`);
  if (rule.problem !== 'unknown') throw new MalformedFields(`${where}: other values cost more than is priced`);
  return { ...table, [name]: { ...field, rule: { ...rule, values: [...rule.values, ...values] } } };
}

/**
 * Finds the field of a table by its name. Members that every JavaScript object inherits, such as `toString` and
 * `__proto__`, are not fields, so they are ignored.
 */
export function findField(table: FieldTable, name: string): Field | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
