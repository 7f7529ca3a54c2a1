import { openaiCounting } from '../../counting/openai/counting.js';
import type { Member } from '../../json/inspect-body.js';
import { isJsonObject } from '../../json/read-strict-json.js';
import { openaiStoredState } from '../../state/openai/stored-state.js';
import { nameSet } from '../name-set.js';
import { pickBetas } from '../pick-betas.js';
import { refuseStored, requireAllowedUrl } from '../remote-input.js';
import { requireKnownContent } from '../require-known-content.js';
import { requireKnownTools } from '../require-known-tools.js';
import type { BodyFacts, UpstreamApiOf } from '../upstream-api.js';
import { openaiAdjustments } from './adjustments.js';
import { openaiContent } from './content.js';
import { formatOpenaiErrorEvent, openaiAccountProblems, readOpenaiError } from './errors.js';
import { describeOpenaiModel, listOpenaiModels } from './models.js';
import { noteFile } from './stored-files.js';
import { openaiTools, readOpenaiKind } from './tools.js';

/** OpenAI's API: https://platform.openai.com/docs/api-reference */
export const openai: UpstreamApiOf<'openai'> = {
  // `openai-organization` and `openai-project` are not passed on, because they would bill another organisation or
  // project.
  pickClientHeaders: (headers, additions) => pickBetas('openai-beta', headers, harmlessBetas, additions),
  requestIdHeader: 'x-client-request-id',
  singularHeaders: [],
  adjustments: openaiAdjustments,
  // `annotations` are the citations of an earlier answer. The vendor does not fetch the URLs in them.
  opaque: nameSet('parameters schema input_schema output_schema arguments metadata client_metadata annotations'),
  canonicalName: (name) => name,
  visit,
  listModels: listOpenaiModels,
  describeModel: describeOpenaiModel,
  counting: openaiCounting,
  // The stream does not show that a model is thinking. So the model's name decides whether it may think.
  showsThinking: (modelId, modelsWithoutThinking) =>
    modelsWithoutThinking !== undefined && new RegExp(modelsWithoutThinking).test(modelId),
  answerHeaders: { 'openai-processing-ms': /^\d{1,12}$/ },
  accountHeaders: ['openai-organization', 'openai-project'],
  storedState: openaiStoredState,
  readError: readOpenaiError,
  accountProblems: openaiAccountProblems,
  keepAlive: ': keep-alive\n\n',
  formatErrorEvent: formatOpenaiErrorEvent,
};

/**
 * Harmless values of `openai-beta`: clients sent them for the Responses API before its release. Other values enable
 * functions that are not offered.
 */
const harmlessBetas = nameSet('responses=experimental responses=v1');

function visit(member: Member, bodyFacts: BodyFacts): void {
  const { name, value, holder, place } = member;
  switch (name) {
    case 'image_url':
      // Chat wraps the URL in an object, Responses does not.
      return requireAllowedUrl(place(), isJsonObject(value) ? (value.url ?? null) : value, bodyFacts);
    case 'file_url':
      return requireAllowedUrl(place(), value, bodyFacts);
    case 'file_id':
      return noteFile(member, bodyFacts);
    case 'file_ids':
    case 'vector_store_ids':
    case 'connector_id':
    case 'comparison_response_id':
      return refuseStored(place, value);
    case 'container_id':
      // In a `code_interpreter_call`, this names the container in which an earlier answer ran code. The item is sent as
      // text (see `stateless-items.ts`), so it is not refused.
      return holder.type === 'code_interpreter_call' ? undefined : refuseStored(place, value);
    case 'audio':
      // The vendor stores an assistant's spoken answer, and requests refer to it by its identifier.
      return refuseStored(place, isJsonObject(value) ? (value.id ?? null) : null);
    case 'content':
    case 'output':
      return requireKnownContent(member, bodyFacts, openaiContent);
    case 'tools':
      // In `mcp_list_tools`, these are the tools that a server listed in an earlier answer. They are only text.
      return holder.type === 'mcp_list_tools'
        ? undefined
        : requireKnownTools(member, bodyFacts, { table: openaiTools, readKinds: readOpenaiKind });
  }
}
