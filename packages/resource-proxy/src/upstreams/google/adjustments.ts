import { canonicalFieldName } from '@aipassport/policy';
import { Denied } from '../../denials/denial.js';
import { describeValue } from '../../denials/describe-value.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import type { RequestAdjustment, RequestAdjustments } from '../upstream-api.js';

const adjustContent: RequestAdjustment = (body, _facts, modelId) => requireSameModel(body, 'model', modelId);

const adjustCount: RequestAdjustment = (body, _facts, modelId) => {
  requireSameModel(body, 'model', modelId);
  const nested = readMember(body, 'generateContentRequest');
  if (isJsonObject(nested)) requireSameModel(nested, 'generateContentRequest.model', modelId);
};

const adjustBatch: RequestAdjustment = (body, _facts, modelId) => {
  requireSameModel(body, 'model', modelId);
  const { requests } = body;
  if (!Array.isArray(requests)) return;
  requests.forEach((request, index) => {
    if (isJsonObject(request)) requireSameModel(request, `requests[${index}].model`, modelId);
  });
};

export const googleAdjustments: RequestAdjustments<'google'> = {
  'google.generateContent': adjustContent,
  'google.streamGenerateContent': adjustContent,
  'google.countTokens': adjustCount,
  'google.embedContent': adjustContent,
  'google.batchEmbedContents': adjustBatch,
};

/** If the body names a model too, it must be the model of the path, because the vendor may use either model. */
function requireSameModel({ model: named }: JsonObject, field: string, modelId: string): void {
  if (named === undefined || named === `models/${modelId}` || named === modelId) return;
  const expected = 'the model of the path';
  throw new Denied({ reason: 'field_invalid', field, found: describeValue(named), expected });
}

function readMember(holder: JsonObject, canonicalName: string): JsonValue | undefined {
  return Object.entries(holder).find(([name]) => canonicalFieldName(name) === canonicalName)?.[1];
}
