import type { PricedBodyOf } from '../../../fields/field-tables.js';
import type { CallTerms } from '../call-terms.js';
import { bindOutput } from '../demand-chat.js';
import type { Demand } from '../estimate.js';
import { measureInput } from '../measure-input.js';
import { readCount } from '../output-limit.js';
import { measureTexts } from '../text-tokens.js';
import { countTokens } from './demand-embeddings.js';
import { limitCompletions, readCompletions } from './output-limit.js';
import { openaiInput } from './read-input.js';

/**
 * The output limit that applies if a request has none:
 * https://platform.openai.com/docs/api-reference/completions/create
 */
const defaultMaxTokens = 16;

/**
 * OpenAI's legacy completions. A request may have several prompts. The model may write several answers to each, of
 * which only some are returned.
 */
export function demandCompletions(body: PricedBodyOf<'openai.completions'>, { limits, counted }: CallTerms): Demand {
  const { prompt, ...others } = body;
  const texts = measureTexts(counted);
  const rest = measureInput(others, openaiInput, texts).textTokens;
  const tokens = rest + (countTokens(prompt) ?? measureInput(prompt, openaiInput, texts).textTokens);
  const choices = readCompletions(body);
  const asked = readCount(body, 'max_tokens') ?? defaultMaxTokens;
  return {
    body: limitCompletions(body, asked * choices),
    inputs: [{ inputTokens: Math.min(tokens, limits.maxInputTokens * choices) }],
    // with `echo`, each answer begins with the prompt, which costs nothing more
    output: { ...bindOutput({ asked, maximum: limits.maxOutputTokens, choices }), mayRepeatInput: true },
  };
}
