import type { Call } from '../call.js';

/**
 * Whether the stream shows everything that a model generates for this call. Thinking may be billed but not shown. In
 * Anthropic's dialect the stream announces it; in OpenAI's nothing does, so it depends on the model; in Google's every
 * event reports its tokens.
 */
export function showsThinking({ match, model }: Pick<Call, 'match' | 'model'>): boolean {
  const { dialect, modelsWithoutThinking } = match.operation;
  switch (dialect) {
    case 'anthropic':
      return true;
    case 'openai':
      return modelsWithoutThinking !== undefined && new RegExp(modelsWithoutThinking).test(model.id);
    case 'google':
      return false;
  }
}
