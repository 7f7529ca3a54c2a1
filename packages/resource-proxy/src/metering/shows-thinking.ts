import type { Call } from '../call.js';

/**
 * OpenAI's model families that do not reason, and models that are fine-tuned from them. All newer ones reason without
 * showing it.
 */
const withoutReasoning = /^(?:ft:)?(?:gpt-3\.5|gpt-4|chatgpt-4o)(?![0-9])/;

/**
 * Whether the stream shows everything that a model generates for this call. Thinking may be billed but not shown:
 * Anthropic announces it in the stream, OpenAI does not, and Google reports its tokens with every piece.
 */
export function showsThinking({ match, model }: Pick<Call, 'match' | 'model'>): boolean {
  const { upstream, dialect } = match.operation;
  // The others tell nothing of it in OpenAI's words.
  if (dialect !== upstream) return false;
  switch (upstream) {
    case 'anthropic':
      return true;
    case 'openai':
      return withoutReasoning.test(model.id);
    case 'google':
      return false;
  }
}
