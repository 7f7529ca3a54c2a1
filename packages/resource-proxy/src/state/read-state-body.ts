import { hasFields } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import { inspectBody } from '../json/inspect-body.js';
import { isJsonObject, type JsonObject, type JsonValue, readStrictJson } from '../json/read-strict-json.js';
import type { RequestRules } from '../preparing/request-rules.js';
import { sortFields } from '../preparing/sort-fields.js';
import type { OperationMatch } from '../steps/match-operation.js';
import { countPictures } from '../upstreams/openai/count-pictures.js';
import { refuseKeptTools } from '../upstreams/openai/kept-tools.js';
import { makeSelfContained, type OwnItems } from '../upstreams/openai/stateless-items.js';
import type { BodyFacts } from '../upstreams/upstream-api.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';
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

/** More than any vendor counts for one picture. */
const pictureTokens = 65_536;
/** A document can fill the whole context window of a model. */
const documentTokens = 10_000_000;

const noItems: OwnItems = {
  take: () => false,
  refuse: (field) => {
    throw new Denied({ reason: 'state_unknown', field });
  },
};

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
  const sent = { ...body, ...(body.items !== undefined && { items: makeItemsSelfContained(body.items, bodyFacts) }) };
  const tokens = bytes.length + countMedia(sent.items);
  media.takeOut();
  const { capabilities } = bodyFacts;
  return {
    bytes: media.write(JSON.stringify(sent)),
    tokens,
    pictures: countPictures(sent.items),
    capabilities,
    dropped: left.told,
  };
}

function makeItemsSelfContained(items: JsonValue, { additions }: BodyFacts): JsonValue {
  if (items === null) return null;
  if (!Array.isArray(items)) throw new Denied({ reason: 'field_invalid', field: 'items' });
  refuseKeptTools(items, 'items');
  const holder: JsonObject = { input: items };
  makeSelfContained(holder, { own: noItems, added: additions.items, hasContext: false });
  return holder.input ?? null;
}

function countMedia(value: JsonValue | undefined): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + countMedia(each), 0);
  if (!isJsonObject(value)) return 0;
  if (value.type === 'input_image') return pictureTokens;
  if (value.type === 'input_file') return documentTokens;
  return Object.values(value).reduce<number>((sum, each) => sum + countMedia(each), 0);
}
