import { type InputCounting, readInputTokens } from '../input-counting.js';
import { listMedia } from './list-media.js';
import { createTextCounter } from './text-counter.js';

/**
 * OpenAI's counting operation does not accept chats. So the proxy counts the texts itself. It asks the operation only
 * about pictures and documents, which it sends as the input of a response.
 */
export const openaiCounting: InputCounting = {
  kind: 'texts',
  composeBody: (body, modelId) => {
    const content = listMedia(body);
    return content.length === 0 ? undefined : { model: modelId, input: [{ role: 'user', content }] };
  },
  readAnswer: readInputTokens,
  listMedia,
  createTextCounter,
};
