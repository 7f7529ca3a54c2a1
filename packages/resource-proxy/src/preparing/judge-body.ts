import type { Dialect, FieldTable } from '@aipassport/policy';
import { inspectBody } from '../json/inspect-body.js';
import type { StrictJson } from '../json/read-strict-json.js';
import type { BodyFacts } from '../upstreams/upstream-api.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import type { RequestRules } from './request-rules.js';
import { sortFields } from './sort-fields.js';

/** The rules for one body, and `bodyFacts`, which collects the facts that the rules find in it. */
export interface BodyJudgement {
  readonly requestRules: RequestRules;
  readonly dialect: Dialect;
  readonly table: FieldTable;
  readonly bodyFacts: BodyFacts;
}

/**
 * Judges every member of a body, and removes the members that are not forwarded.
 *
 * @returns the paths of the removed members that are reported to the client
 * @throws Denied
 */
export function judgeBody(
  { value, members }: Pick<StrictJson, 'value' | 'members'>,
  { requestRules, dialect, table, bodyFacts }: BodyJudgement,
): readonly string[] {
  const api = upstreamApis[dialect];
  const left = sortFields(value, { ...requestRules, table, canonicalName: api.canonicalName, bodyFacts });
  inspectBody({ value, members }, { ...api, isLeftOut: left.has, visit: (member) => api.visit(member, bodyFacts) });
  left.remove();
  return left.reported;
}
