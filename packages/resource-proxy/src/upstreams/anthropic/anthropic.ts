import type { IncomingHttpHeaders } from 'node:http';
import { anthropicCounting } from '../../counting/anthropic/counting.js';
import { Denied } from '../../denials/denial.js';
import { describeValue } from '../../denials/describe-value.js';
import type { Member } from '../../json/inspect-body.js';
import { isJsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { nameSet } from '../name-set.js';
import { pickBetas } from '../pick-betas.js';
import { refuseStored, requireAllowedUrl } from '../remote-input.js';
import { requireKnownContent } from '../require-known-content.js';
import { requireKnownTools } from '../require-known-tools.js';
import type { BodyFacts, KindAdditions, PickedHeaders, UpstreamApiOf } from '../upstream-api.js';
import { anthropicAdjustments } from './adjustments.js';
import { harmlessBetas } from './betas.js';
import { anthropicContent } from './content.js';
import { anthropicAccountProblems, formatAnthropicErrorEvent, readAnthropicError } from './errors.js';
import { describeAnthropicModel, listAnthropicModels } from './models.js';
import { anthropicTools, readAnthropicKind } from './tools.js';

/** Anthropic's API: https://docs.anthropic.com/en/api */
export const anthropic: UpstreamApiOf<'anthropic'> = {
  pickClientHeaders,
  requestIdHeader: undefined,
  singularHeaders: ['anthropic-version'],
  adjustments: anthropicAdjustments,
  opaque: nameSet('input_schema input input_examples schema metadata citations'),
  canonicalName: (name) => name,
  visit,
  listModels: listAnthropicModels,
  describeModel: describeAnthropicModel,
  counting: anthropicCounting,
  // Anthropic's streams announce when a model thinks.
  showsThinking: () => true,
  answerHeaders: {},
  accountHeaders: ['anthropic-organization-id'],
  storedState: undefined,
  readError: readAnthropicError,
  accountProblems: anthropicAccountProblems,
  keepAlive: `event: ping\ndata: {"type": "ping"}\n\n`,
  formatErrorEvent: formatAnthropicErrorEvent,
};

const defaultVersion = '2023-06-01';

function pickClientHeaders(clientHeaders: IncomingHttpHeaders, additions: KindAdditions): PickedHeaders {
  const version = clientHeaders['anthropic-version'];
  const { headers, dropped } = pickBetas('anthropic-beta', clientHeaders, harmlessBetas, additions);
  const isVersion = typeof version === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(version);
  return { headers: { 'anthropic-version': isVersion ? version : defaultVersion, ...headers }, dropped };
}

function visit(member: Member, bodyFacts: BodyFacts): void {
  const { name, value, holder, place } = member;
  const judge = (tools: Member) =>
    requireKnownTools(tools, bodyFacts, { table: anthropicTools, readKinds: readAnthropicKind });
  switch (name) {
    case 'source':
      return visitSource(member, bodyFacts);
    case 'file_id':
      // An output of code in an earlier answer may refer to a file that the code wrote. `dropWrittenFiles` removes that
      // reference.
      return typeof holder.type === 'string' && holder.type.endsWith('_output')
        ? undefined
        : refuseStored(place, value);
    case 'container':
      return refuseStored(place, value);
    case 'content':
      return requireKnownContent(member, bodyFacts, anthropicContent);
    case 'definition':
      return holder.type === 'tool_definition' ? judge({ ...member, value: [value] }) : undefined;
    case 'tool':
      return holder.type === 'tool_addition' && !isToolName(value) ? judge({ ...member, value: [value] }) : undefined;
    case 'tools':
      // The list of a server's tools in an earlier answer is only text.
      return holder.type === 'mcp_tool_listing' ? undefined : judge(member);
  }
}

/** A tool addition contains the name of a tool in the request, or a definition, which is checked separately. */
function isToolName(value: JsonValue): boolean {
  return isJsonObject(value) && (value.type === 'tool_reference' || value.type === 'tool_definition');
}

/** Sources that contain their data. A `file` source refers to data that the vendor stores. */
const inlineSources = nameSet('base64 text content');

function visitSource({ value: source, place }: Member, bodyFacts: BodyFacts): void {
  if (!isJsonObject(source)) return;
  const { type = null } = source;
  const isInline = typeof type === 'string' && inlineSources.has(type);
  if (type !== null && type !== 'url' && !isInline)
    throw new Denied({ reason: 'stored_state_refused', field: place(), found: describeValue(type) });
  if (type === 'url' || source.url !== undefined) requireAllowedUrl(`${place()}.url`, source.url ?? null, bodyFacts);
}
