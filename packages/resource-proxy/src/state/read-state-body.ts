import { hasFields } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import { measureJson, readStrictJson } from '../json/read-strict-json.js';
import type { ProxyLimits } from '../limits.js';
import { judgeBody } from '../preparing/judge-body.js';
import type { RequestRules } from '../preparing/request-rules.js';
import type { OperationMatch } from '../steps/match-operation.js';
import type { BodyFacts } from '../upstreams/upstream-api.js';
import { getStoredState } from '../upstreams/upstream-apis.js';
import { stateless } from './state-facts.js';

/** A body that changes stored state, as it will be sent. */
export interface StateBody {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** The maximum number of tokens that the body adds to a conversation. */
  readonly tokens: number;
  readonly pictures: number;
  readonly capabilities: BodyFacts['capabilities'];
  /** The paths of the members that were left out, as far as they are reported to the client. */
  readonly dropped: readonly string[];
}

interface StateRules {
  readonly requestRules: RequestRules;
  readonly limits: Pick<ProxyLimits, 'smallBodyValues'>;
}

/**
 * Reads a body that changes stored state. The rules are the same as for a request to a model, but the body must not
 * refer to stored objects. It may have only as many values as can be checked in the event loop. That is enough for the
 * twenty items that the vendor accepts, however long their texts are.
 * @throws Denied
 */
export function readStateBody(
  { requestRules, limits }: StateRules,
  { operation }: OperationMatch<'state'>,
  bytes: Buffer,
): StateBody {
  const given = bytes.length === 0 ? Buffer.from('{}') : bytes;
  const shape = measureJson(given);
  if (shape.values > limits.smallBodyValues)
    throw new Denied({ reason: 'body_malformed', problem: 'too_many_stored_values' });
  const parsed = readStrictJson(given, shape);
  const { value: body, media } = parsed;
  const { form, dialect } = operation;
  const bodyFacts: BodyFacts = {
    capabilities: new Set(),
    additions: requestRules.additionsFor(dialect),
    state: { terms: { isKept: true, found: undefined }, facts: stateless },
  };
  const table = hasFields(form) ? requestRules.tableOf(form) : {};
  const dropped = judgeBody(parsed, { requestRules, dialect, table, bodyFacts });
  const { items } = body;
  const stored = items === undefined ? undefined : getStoredState(dialect).readItems(items, bodyFacts.additions.items);
  const sent = { ...body, ...(stored !== undefined && { items: stored.items }) };
  const tokens = bytes.length + (stored?.mediaTokens ?? 0);
  media.takeOut();
  const { capabilities } = bodyFacts;
  return {
    bytes: media.write(JSON.stringify(sent)),
    contentType: 'application/json',
    tokens,
    pictures: stored?.pictures ?? 0,
    capabilities,
    dropped,
  };
}
