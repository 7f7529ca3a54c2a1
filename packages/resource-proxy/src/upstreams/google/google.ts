import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { refuseStored } from '../remote-input.js';
import type { UpstreamApi, Wishes } from '../upstream-api.js';
import { canonicalFieldName } from './canonical-field-name.js';
import { requireAllowedFile } from './file-data.js';
import { formatGoogleErrorEvent, readGoogleError } from './errors.js';
import { describeGoogleModel, listGoogleModels } from './models.js';
import { googleRules, requireGenerationConfig } from './rules.js';
import { requireOfferedTools } from './tools.js';

/** Google's Gemini API: https://ai.google.dev/api */
export const google: UpstreamApi = {
  // Never `?key=`: addresses end up in logs.
  buildCredential: (key) => ({ 'x-goog-api-key': key }),
  // `x-goog-user-project` would move the bill.
  pickClientHeaders: () => ({}),
  rules: googleRules,
  opaque: new Set([
    'args',
    'labels',
    'parameters',
    'parametersJsonSchema',
    'partMetadata',
    'response',
    'responseJsonSchema',
    'responseSchema',
  ]),
  canonicalName: canonicalFieldName,
  visit,
  listModels: listGoogleModels,
  describeModel: describeGoogleModel,
  readError: readGoogleError,
  formatErrorEvent: formatGoogleErrorEvent,
};

function visit(name: string, value: JsonValue, _holder: JsonObject, wishes: Wishes): void {
  switch (name) {
    case 'fileData':
      return requireAllowedFile(value, wishes);
    case 'cachedContent':
      return refuseStored(name, value);
    case 'store':
      // Nested requests have it too.
      return refuseStored(name, value === false ? null : value);
    case 'generationConfig':
      return isJsonObject(value) ? requireGenerationConfig(value, wishes) : undefined;
    case 'tools':
      return requireOfferedTools(value, wishes);
  }
}
