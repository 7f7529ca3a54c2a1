import { isJsonObject, type JsonObject } from '../json.js';
import type { Price } from '../price.js';
import type { CallTerms } from './call-terms.js';
import { refuseCost } from './cost-refusal.js';
import { bindOutput, boundBody, demandChat, type OutputLimit } from './demand-chat.js';
import { refuseMember, requireOneOf } from './demand-members.js';
import type { Demand, OutputBound } from './estimate.js';
import { listTools, readGoogleTools } from './hosted-tools.js';
import { nameOf, readChoices, readCount, readGenerationConfig, withOutputLimit } from './output-limit.js';
import { googleInput } from './read-google-input.js';

const frameTokens = 64;
/**
 * https://ai.google.dev/gemini-api/docs/image-generation: the most that one picture counts, in its largest size. An
 * output limit below that may not keep a model from finishing a picture.
 */
const pictureTokens = 2_520;
/** They make speech, or choose another model. */
const unpricedConfig = ['speechConfig', 'routingConfig', 'modelSelectionConfig'];

export function demandGoogleContent(body: JsonObject, terms: CallTerms): Demand {
  const { config } = readGenerationConfig(body);
  requireOneOf(pick(body, 'serviceTier'), 'serviceTier', ['standard', 'unspecified', 'flex']);
  refuseMember(pick(body, 'cachedContent'), 'cachedContent', 'not_bounded');
  for (const name of unpricedConfig) refuseMember(pick(config, name), name, 'not_priced');
  const kind = readOutputKind(config[nameOf(config, 'responseModalities')], terms.price);
  if (kind !== 'outputImageTokens') refuseMember(pick(config, 'imageConfig'), 'imageConfig', 'not_priced');
  const choices = readChoices(config, nameOf(config, 'candidateCount'));
  const asked = readCount(config, nameOf(config, 'maxOutputTokens'));
  const maximum = terms.limits.maxOutputTokens;
  const limit = { asked, maximum, choices };
  return demandChat(
    asked === undefined ? withOutputLimit(terms.operationId, body, maximum * choices) : body,
    {
      bound: boundBody(body, terms, googleInput, frameTokens),
      output: kind === 'outputImageTokens' ? bindPictures(limit) : bindOutput(limit),
      tools: readGoogleTools(readTools(body), terms.price),
    },
    terms,
  );
}

/** A member under its canonical name, whichever way the client spelled it. */
function pick(holder: JsonObject, name: string): JsonObject {
  return { [name]: holder[nameOf(holder, name)] };
}

/** What the answer may be made of. Modalities that are left out are text, and pictures where the model makes them. */
function readOutputKind(modalities: unknown, { named }: Price): 'outputTokens' | 'outputImageTokens' {
  const paints = named.has('outputImageTokens');
  const list: readonly unknown[] = Array.isArray(modalities) ? modalities : [modalities ?? (paints ? 'IMAGE' : 'TEXT')];
  const kinds = new Set(list.map((modality) => (typeof modality === 'string' ? modality.toUpperCase() : modality)));
  const isPainted = paints && kinds.delete('IMAGE');
  kinds.delete('TEXT');
  if (kinds.size > 0) refuseCost('responseModalities', 'not_priced');
  return isPainted ? 'outputImageTokens' : 'outputTokens';
}

/** All of the output as pictures, which cost more than text. */
function bindPictures({ asked, maximum, choices }: OutputLimit): OutputBound {
  const atLeast = asked === undefined ? undefined : Math.max(asked, pictureTokens);
  const bound = bindOutput({
    asked: atLeast,
    maximum: Math.max(maximum, pictureTokens),
    choices,
    least: pictureTokens,
  });
  return { ...bound, kind: 'outputImageTokens' };
}

/** The JSON mapping takes a list only; some readers take a single value for a list of one. */
function readTools(body: JsonObject): readonly JsonObject[] {
  const tools = body[nameOf(body, 'tools')];
  return listTools({ tools: isJsonObject(tools) ? [tools] : tools });
}
