import type { PricedBodyOf } from '../../../fields/field-tables.js';
import { isJsonObject, type JsonObject } from '../../json.js';
import type { Price } from '../../price.js';
import type { CallTerms } from '../call-terms.js';
import { refuseCost } from '../cost-refusal.js';
import { bindOutput, boundBody, demandChat, type OutputLimit } from '../demand-chat.js';
import type { Demand, OutputBound } from '../estimate.js';
import { listTools } from '../hosted-tools.js';
import { isSet } from '../output-limit.js';
import { readGoogleTools } from './hosted-tools.js';
import { limitContent, readGenerationConfig, readMember, readSpelledCount } from './output-limit.js';
import { googleInput } from './read-input.js';

const frameTokens = 64;
/**
 * The number of tokens of one picture in the largest size: https://ai.google.dev/gemini-api/docs/image-generation. The
 * model may finish a picture even if the request has a lower output limit.
 */
const pictureTokens = 2_520;

type ContentBody = PricedBodyOf<'google.generateContent'>;

export function demandGoogleContent(body: ContentBody, terms: CallTerms): Demand {
  const { config } = readGenerationConfig(body);
  const kind = readOutputKind(readMember(config, 'responseModalities'), terms.price);
  if (kind !== 'outputImageTokens' && isSet(readMember(config, 'imageConfig'))) refuseCost('imageConfig', 'not_priced');
  const choices = readSpelledCount(config, 'candidateCount') ?? 1;
  const asked = readSpelledCount(config, 'maxOutputTokens');
  const maximum = terms.limits.maxOutputTokens;
  const limit = { asked, maximum, choices };
  return demandChat(
    asked === undefined ? limitContent(body, maximum * choices) : body,
    {
      bound: boundBody(body, terms, googleInput, frameTokens),
      output: kind === 'outputImageTokens' ? bindPictures(limit) : bindOutput(limit),
      tools: readGoogleTools(readTools(body), terms.price),
    },
    terms,
  );
}

/**
 * @returns whether the output is priced as pictures or as text. If the request names no modalities, a model that
 * produces pictures may answer with them.
 */
function readOutputKind(modalities: unknown, { named }: Price): 'outputTokens' | 'outputImageTokens' {
  const paints = named.has('outputImageTokens');
  const list: readonly unknown[] = Array.isArray(modalities) ? modalities : [modalities ?? (paints ? 'IMAGE' : 'TEXT')];
  const kinds = new Set(list.map((modality) => (typeof modality === 'string' ? modality.toUpperCase() : modality)));
  const isPainted = paints && kinds.delete('IMAGE');
  kinds.delete('TEXT');
  if (kinds.size > 0) refuseCost('responseModalities', 'not_priced');
  return isPainted ? 'outputImageTokens' : 'outputTokens';
}

/** Prices the whole output as pictures, which cost more than text. */
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

/** In the JSON format of protocol buffers, `tools` is a list. Some parsers also accept a single object. */
function readTools(body: ContentBody): readonly JsonObject[] {
  const tools = readMember(body, 'tools');
  return listTools({ tools: isJsonObject(tools) ? [tools] : tools });
}
