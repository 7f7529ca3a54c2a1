import type { BodyOperationId, FieldedOperationId } from '../operations/dialect-operations.js';
import { anthropicFields } from './anthropic/field-tables.js';
import type { FieldTable, PricedBody } from './field.js';
import { googleFields } from './google/field-tables.js';
import { openaiFields, openaiStateFields, openaiUploadFields } from './openai/field-tables.js';

/** The fields of requests to a model, by the id of the operation. */
export const modelFieldTables = {
  ...openaiFields,
  ...anthropicFields,
  ...googleFields,
} satisfies Readonly<Record<BodyOperationId, FieldTable>>;

/**
 * The field table of each operation with a body. There is no second list of fields: the check of a body and the request
 * schemas in `openapi/` are derived from these tables. The estimate can read only the fields that they mark as having a
 * cost.
 */
export const fieldTables: Readonly<Record<FieldedOperationId, FieldTable>> = {
  ...modelFieldTables,
  ...openaiUploadFields,
  ...openaiStateFields,
};

export type ModelOperationId = keyof typeof modelFieldTables;

/** The part of an operation's body that its estimate reads. */
export type PricedBodyOf<Id extends ModelOperationId> = PricedBody<(typeof modelFieldTables)[Id]>;
