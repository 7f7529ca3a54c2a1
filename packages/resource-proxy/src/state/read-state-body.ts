import { hasFields } from '@aipassport/policy';
import { inspectBody } from '../json/inspect-body.js';
import { readStrictJson } from '../json/read-strict-json.js';
import type { RequestRules } from '../preparing/request-rules.js';
import { sortFields } from '../preparing/sort-fields.js';
import type { OperationMatch } from '../steps/match-operation.js';
import type { BodyFacts } from '../upstreams/upstream-api.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import { getStoredState } from './get-stored-state.js';
import { stateless } from './state-facts.js';

/** A body that changes stored state, as it will be sent. */
export interface StateBody {
  readonly bytes: Buffer;
  /** The maximum number of tokens that it adds to a conversation. */
  readonly tokens: number;
  readonly pictures: number;
  readonly capabilities: BodyFacts['capabilities'];
  /** The places of the members that were left out. */
  readonly dropped: readonly string[];
}

/**
 * Reads a body that changes stored state. The rules are the same as for a request to a model, but it must not refer to
 * stored objects.
 * @throws Denied
 */
export function readStateBody(requestRules: RequestRules, { operation }: OperationMatch, bytes: Buffer): StateBody {
  const { value: body, members, media } = readStrictJson(bytes.length === 0 ? Buffer.from('{}') : bytes);
  const api = upstreamApis[operation.dialect];
  const bodyFacts: BodyFacts = {
    capabilities: new Set(),
    additions: requestRules.additionsFor(operation.dialect),
    state: { terms: { isKept: true, found: undefined }, facts: stateless },
  };
  const { form } = operation;
  const table = hasFields(form) ? requestRules.tableOf(form) : {};
  const left = sortFields(body, { ...requestRules, table, canonicalName: api.canonicalName, bodyFacts });
  inspectBody(
    { value: body, members },
    { ...api, isLeftOut: left.has, visit: (member) => api.visit(member, bodyFacts) },
  );
  left.remove();
  const { items } = body;
  const stored =
    items === undefined ? undefined : getStoredState(operation.dialect).readItems(items, bodyFacts.additions.items);
  const sent = { ...body, ...(stored !== undefined && { items: stored.items }) };
  const tokens = bytes.length + (stored?.mediaTokens ?? 0);
  media.takeOut();
  const { capabilities } = bodyFacts;
  return {
    bytes: media.write(JSON.stringify(sent)),
    tokens,
    pictures: stored?.pictures ?? 0,
    capabilities,
    dropped: left.reported,
  };
}
