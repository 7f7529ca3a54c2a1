import { isJsonObject, type JsonObject } from '../json.js';
import type { Price } from '../price.js';
import type { CallTerms } from './call-terms.js';
import { refuseCost } from './cost-refusal.js';
import { bindOutput, boundBody, demandChat } from './demand-chat.js';
import { refuseMember, requireOneOf } from './demand-members.js';
import type { Demand } from './estimate.js';
import { listTools, readGoogleTools } from './hosted-tools.js';
import { nameOf, readChoices, readCount, readGenerationConfig, withOutputLimit } from './output-limit.js';
import { googleInput } from './read-google-input.js';

const frameTokens = 64;
/** They make speech or pictures, or choose another model. */
const unpricedConfig = ['speechConfig', 'imageConfig', 'routingConfig', 'modelSelectionConfig'];

export function demandGoogleContent(body: JsonObject, terms: CallTerms): Demand {
  const { config } = readGenerationConfig(body);
  requireOneOf(pick(body, 'serviceTier'), 'serviceTier', ['standard', 'unspecified']);
  refuseMember(pick(body, 'cachedContent'), 'cachedContent', 'not_bounded');
  for (const name of unpricedConfig) refuseMember(pick(config, name), name, 'not_priced');
  requireText(config[nameOf(config, 'responseModalities')], terms.price);
  const choices = readChoices(config, nameOf(config, 'candidateCount'));
  const asked = readCount(config, nameOf(config, 'maxOutputTokens'));
  const limit = asked ?? terms.limits.maxOutputTokens;
  return demandChat(
    asked === undefined ? withOutputLimit(terms.operationId, body, limit * choices) : body,
    {
      bound: boundBody(body, terms, googleInput, frameTokens),
      output: bindOutput(limit, choices),
      tools: readGoogleTools(readTools(body), terms.price),
    },
    terms,
  );
}

/** A member under its canonical name, whichever way the client spelled it. */
function pick(holder: JsonObject, name: string): JsonObject {
  return { [name]: holder[nameOf(holder, name)] };
}

/** Left out, they are text, except with a model that makes pictures. */
function requireText(modalities: unknown, { named }: Price): void {
  if (modalities === undefined && named.has('outputImageTokens')) refuseCost('responseModalities', 'not_priced');
  const list: readonly unknown[] = Array.isArray(modalities) ? modalities : [modalities ?? 'TEXT'];
  const isText = list.every((modality) => typeof modality === 'string' && modality.toUpperCase() === 'TEXT');
  if (!isText) refuseCost('responseModalities', 'not_priced');
}

/** The JSON mapping takes a list only; some readers take a single value for a list of one. */
function readTools(body: JsonObject): readonly JsonObject[] {
  const tools = body[nameOf(body, 'tools')];
  return listTools({ tools: isJsonObject(tools) ? [tools] : tools });
}
