import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { refuseStored, requireAllowedUrl } from '../remote-input.js';
import type { UpstreamApi, Wishes } from '../upstream-api.js';
import { formatOpenaiErrorEvent, readOpenaiError } from './errors.js';
import { describeOpenaiModel, listOpenaiModels } from './models.js';
import { openaiRules } from './rules.js';
import { requireOfferedTools } from './tools.js';

/** OpenAI's API: https://platform.openai.com/docs/api-reference */
export const openai: UpstreamApi = {
  buildCredential: (key) => ({ authorization: `Bearer ${key}` }),
  // `openai-organization` and `openai-project` would move the bill, `openai-beta` would enable what is not offered.
  pickClientHeaders: () => ({}),
  rules: openaiRules,
  // `annotations` are the citations of an earlier answer: quoted, not fetched.
  opaque: new Set(['parameters', 'schema', 'metadata', 'annotations']),
  canonicalName: (name) => name,
  visit,
  listModels: listOpenaiModels,
  describeModel: describeOpenaiModel,
  readError: readOpenaiError,
  formatErrorEvent: formatOpenaiErrorEvent,
};

function visit(name: string, value: JsonValue, _holder: JsonObject, wishes: Wishes): void {
  switch (name) {
    case 'image_url':
      // Chat wraps the address in an object, Responses does not.
      return requireAllowedUrl(name, isJsonObject(value) ? (value.url ?? null) : value, wishes);
    case 'file_url':
      return requireAllowedUrl(name, value, wishes);
    case 'file_id':
    case 'file_ids':
    case 'vector_store_ids':
    case 'connector_id':
    case 'previous_response_id':
    case 'comparison_response_id':
      return refuseStored(name, value);
    case 'audio':
      // An assistant's spoken answer is referred to by the identifier that the vendor keeps it under.
      return refuseStored(name, isJsonObject(value) ? (value.id ?? null) : null);
    case 'tools':
      return requireOfferedTools(value, wishes);
  }
}
