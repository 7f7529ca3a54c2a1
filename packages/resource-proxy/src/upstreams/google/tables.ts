import { Denied } from '../../denials/denial.js';
import { describeValue } from '../../denials/describe-value.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import {
  each,
  type FieldRule,
  type FieldTable,
  nothingStored,
  onlyDefault,
  pricedFor,
  type RequestTable,
  whole,
  words,
} from '../request-table.js';
import { canonicalFieldName } from './canonical-field-name.js';

/** https://ai.google.dev/api/generate-content#generationconfig. What makes speech or pictures is priced, or refused. */
const generationConfig: FieldRule = {
  rule: 'members',
  table: {
    passed: words(
      'temperature topP topK stopSequences presencePenalty frequencyPenalty seed responseLogprobs logprobs',
      'responseMimeType responseSchema responseJsonSchema responseFormat responseModalities thinkingConfig',
      'mediaResolution audioTimestamp audioTranscriptionConfig enableEnhancedCivicAnswers speechConfig imageConfig',
    ),
    judged: {
      candidateCount: whole(1, 8),
      maxOutputTokens: whole(1, 1_000_000),
      // They let the vendor choose another model than the one that was checked.
      routingConfig: onlyDefault(),
      modelSelectionConfig: onlyDefault(),
    },
  },
};

const contentRequest: FieldTable = {
  passed: words('model contents systemInstruction tools toolConfig safetySettings labels'),
  judged: {
    generationConfig,
    serviceTier: pricedFor('standard', 'unspecified', 'flex'),
    cachedContent: nothingStored(),
    continuationToken: nothingStored(),
    store: nothingStored(false),
  },
};

const embedding: FieldTable = {
  passed: words('model content taskType title outputDimensionality autoTruncate'),
};

const generateContent: RequestTable = {
  ...contentRequest,
  adjust: (body, _wishes, modelId) => requireSameModel(body, 'model', modelId),
};

const countTokens: RequestTable = {
  passed: words('model contents'),
  judged: { generateContentRequest: { rule: 'members', table: contentRequest } },
  adjust: (body, _wishes, modelId) => {
    requireSameModel(body, 'model', modelId);
    const nested = readMember(body, 'generateContentRequest');
    if (isJsonObject(nested)) requireSameModel(nested, 'generateContentRequest.model', modelId);
  },
};

const embedContent: RequestTable = {
  ...embedding,
  adjust: (body, _wishes, modelId) => requireSameModel(body, 'model', modelId),
};

const batchEmbedContents: RequestTable = {
  passed: words('model'),
  judged: { requests: each(embedding) },
  adjust: (body, _wishes, modelId) => {
    requireSameModel(body, 'model', modelId);
    const { requests } = body;
    if (!Array.isArray(requests))
      throw new Denied({
        reason: 'field_invalid',
        field: 'requests',
        found: describeValue(requests),
        expected: 'a list',
      });
    requests.forEach((request, index) => {
      if (isJsonObject(request)) requireSameModel(request, `requests[${index}].model`, modelId);
    });
  },
};

/** By operation id. */
export const googleTables: Readonly<Record<string, RequestTable>> = {
  'google.generateContent': generateContent,
  'google.streamGenerateContent': generateContent,
  'google.countTokens': countTokens,
  'google.embedContent': embedContent,
  'google.batchEmbedContents': batchEmbedContents,
};

/** The path names the model. Where the body names one too, it must be the same: the vendor may go by either. */
function requireSameModel({ model: named }: JsonObject, field: string, modelId: string): void {
  if (named === undefined || named === `models/${modelId}` || named === modelId) return;
  const expected = 'the model of the path';
  throw new Denied({ reason: 'field_invalid', field, found: describeValue(named), expected });
}

function readMember(holder: JsonObject, canonicalName: string): JsonValue | undefined {
  return Object.entries(holder).find(([name]) => canonicalFieldName(name) === canonicalName)?.[1];
}
