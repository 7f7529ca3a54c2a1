import type { PricedBodyOf } from '../../../fields/field-tables.js';
import type { JsonObject } from '../../json.js';
import { isSet, readChoices } from '../output-limit.js';

/**
 * The number of texts that the model writes for a legacy completion. The model may write several texts for each prompt.
 * The answer has all of them, or the best ones.
 */
export function readCompletions(body: PricedBodyOf<'openai.completions'>): number {
  const { prompt } = body;
  const prompts = Array.isArray(prompt) && typeof prompt[0] !== 'number' ? Math.max(1, prompt.length) : 1;
  return prompts * Math.max(readChoices(body, 'n'), readChoices(body, 'best_of'));
}

export function limitChat(body: PricedBodyOf<'openai.chat/completions'>, tokens: number): JsonObject {
  const each = Math.floor(tokens / readChoices(body, 'n'));
  // If the client used the older name, the older name stays, because the server of another vendor may not know the
  // newer name.
  const older = isSet(body.max_tokens) && { max_tokens: each };
  const newer = (!older || isSet(body.max_completion_tokens)) && { max_completion_tokens: each };
  return { ...body, ...older, ...newer };
}

export function limitCompletions(body: PricedBodyOf<'openai.completions'>, tokens: number): JsonObject {
  return { ...body, max_tokens: Math.floor(tokens / readCompletions(body)) };
}

/** The operation `responses` accepts no limit below 16 tokens: see `leastOutputTokens`. */
export function limitResponse(body: PricedBodyOf<'openai.responses'>, tokens: number): JsonObject {
  return { ...body, max_output_tokens: tokens };
}
