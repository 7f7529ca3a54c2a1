import { Denied } from '../../denials/denial.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { requireInteger } from '../require-integer.js';
import type { BodyRules, Wishes } from '../upstream-api.js';
import { canonicalFieldName } from './canonical-field-name.js';

const content = ['contents', 'systemInstruction', 'tools', 'toolConfig', 'safetySettings', 'generationConfig'];
const embedding = ['model', 'content', 'taskType', 'title', 'outputDimensionality'];

const generateContent: BodyRules = {
  fields: new Set([...content, 'model', 'serviceTier', 'store']),
  stored: { cachedContent: [null], store: [false, null] },
  values: { serviceTier: ['standard', 'unspecified', null] },
  adjust: (body, _wishes, modelId) => requireSameModel(body, modelId),
};

const countTokens: BodyRules = {
  fields: new Set(['contents', 'generateContentRequest']),
  adjust: (body, _wishes, modelId) => {
    const nested = readMember(body, 'generateContentRequest');
    if (nested === undefined || nested === null) return;
    if (!isJsonObject(nested)) throw new Denied({ reason: 'field_invalid', field: 'generateContentRequest' });
    requireSameModel(nested, modelId);
  },
};

const embedContent: BodyRules = {
  fields: new Set(embedding),
  adjust: (body, _wishes, modelId) => requireSameModel(body, modelId),
};

const batchEmbedContents: BodyRules = {
  fields: new Set(['requests']),
  adjust: ({ requests }, _wishes, modelId) => {
    if (!Array.isArray(requests)) throw new Denied({ reason: 'field_invalid', field: 'requests' });
    for (const request of requests) {
      if (!isJsonObject(request)) throw new Denied({ reason: 'field_invalid', field: 'requests' });
      requireSameModel(request, modelId);
    }
  },
};

export const googleRules: Readonly<Record<string, BodyRules>> = {
  'google.generateContent': generateContent,
  'google.streamGenerateContent': generateContent,
  'google.countTokens': countTokens,
  'google.embedContent': embedContent,
  'google.batchEmbedContents': batchEmbedContents,
};

/** The path names the model. Where the body names one too, it must be the same: the vendor may go by either. */
function requireSameModel(holder: JsonObject, modelId: string): void {
  const named = holder.model;
  if (named !== undefined && named !== `models/${modelId}`)
    throw new Denied({ reason: 'field_invalid', field: 'model' });
}

/** Called for every `generationConfig`, which may stand beside the contents or in a nested request. */
export function requireGenerationConfig(config: JsonObject, wishes: Wishes): void {
  for (const [name, value] of Object.entries(config)) {
    switch (canonicalFieldName(name)) {
      case 'candidateCount':
        requireInteger('candidateCount', value, [1, 8]);
        break;
      case 'maxOutputTokens':
        requireInteger('maxOutputTokens', value, [1, 1_000_000]);
        break;
      case 'responseModalities':
        requireModalities(value, wishes);
        break;
      case 'routingConfig':
      case 'modelSelectionConfig':
        // They let the vendor choose another model than the one that was checked.
        throw new Denied({ reason: 'field_not_offered', field: canonicalFieldName(name) });
    }
  }
}

function requireModalities(value: JsonValue, wishes: Wishes): void {
  for (const modality of Array.isArray(value) ? value : [value]) {
    const name = typeof modality === 'string' ? modality.toUpperCase() : modality;
    if (name === 'IMAGE') wishes.capabilities.add('images');
    else if (name === 'AUDIO') wishes.capabilities.add('audio');
    else if (name !== 'TEXT' && name !== null)
      throw new Denied({ reason: 'field_invalid', field: 'responseModalities' });
  }
}

function readMember(holder: JsonObject, canonicalName: string): JsonValue | undefined {
  return Object.entries(holder).find(([name]) => canonicalFieldName(name) === canonicalName)?.[1];
}
