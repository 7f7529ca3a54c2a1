import type { Upstream } from '@aipassport/policy';
import type { RequestTable } from '../upstreams/request-table.js';
import { type KindAdditions, noAdditions } from '../upstreams/upstream-api.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import type { UnknownFields } from './sort-fields.js';

/** What an operator says of requests. Plain data, because threads are given it as well. */
export interface RequestSettings {
  readonly unknownFields: UnknownFields;
}

/** The tables of all operations, with what the operator added. */
export interface RequestRules {
  readonly unknownFields: UnknownFields;
  readonly tableOf: (operationId: string) => RequestTable;
  readonly additionsFor: (upstream: Upstream) => KindAdditions;
}

/** An operation without a table knows no field at all. */
const emptyTable: RequestTable = { passed: new Set() };

export function createRequestRules({ unknownFields }: RequestSettings): RequestRules {
  const tables = new Map(Object.values(upstreamApis).flatMap((api) => Object.entries(api.tables)));
  return {
    unknownFields,
    tableOf: (operationId) => tables.get(operationId) ?? emptyTable,
    additionsFor: () => noAdditions,
  };
}
