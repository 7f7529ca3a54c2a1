import type { Call } from '../call.js';

/** Families of OpenAI's that do not reason, and what is fine-tuned from them. All newer ones do, unseen. */
const withoutReasoning = /^(?:ft:)?(?:gpt-3\.5|gpt-4|chatgpt-4o)(?![0-9])/;

/**
 * Whether all that a model generates for this call can be seen in its stream. Thinking that is billed and not shown
 * cannot: Anthropic announces it in the stream, OpenAI does not. Google counts it with every piece.
 */
export function showsThinking({ match, model }: Pick<Call, 'match' | 'model'>): boolean {
  switch (match.operation.upstream) {
    case 'anthropic':
      return true;
    case 'openai':
      return withoutReasoning.test(model.id);
    case 'google':
      return false;
  }
}
