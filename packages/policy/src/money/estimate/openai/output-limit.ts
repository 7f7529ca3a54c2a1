import type { PricedBodyOf } from '../../../fields/field-tables.js';
import type { JsonObject } from '../../json.js';
import { isSet, readChoices } from '../output-limit.js';

/**
 * How many texts the model writes for a legacy completion: several for each prompt, all or the best of which are shown.
 */
export function readCompletions(body: PricedBodyOf<'openai.completions'>): number {
  const { prompt } = body;
  const prompts = Array.isArray(prompt) && typeof prompt[0] !== 'number' ? Math.max(1, prompt.length) : 1;
  return prompts * Math.max(readChoices(body, 'n'), readChoices(body, 'best_of'));
}

export function limitChat(body: PricedBodyOf<'openai.chat/completions'>, tokens: number): JsonObject {
  const each = Math.floor(tokens / readChoices(body, 'n'));
  // The older name where the client used it: a server that is only like OpenAI's may know no other.
  const older = isSet(body.max_tokens) && { max_tokens: each };
  const newer = (!older || isSet(body.max_completion_tokens)) && { max_completion_tokens: each };
  return { ...body, ...older, ...newer };
}

export function limitCompletions(body: PricedBodyOf<'openai.completions'>, tokens: number): JsonObject {
  return { ...body, max_tokens: Math.floor(tokens / readCompletions(body)) };
}

/** Responses accept no limit below 16 tokens: see `leastOutputTokens`. */
export function limitResponse(body: PricedBodyOf<'openai.responses'>, tokens: number): JsonObject {
  return { ...body, max_output_tokens: tokens };
}
