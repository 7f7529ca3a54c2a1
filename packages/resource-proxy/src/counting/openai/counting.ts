import { type InputCounting, readInputTokens } from '../input-counting.js';
import { listMedia } from './list-media.js';
import { createTextCounter } from './text-counter.js';

/**
 * OpenAI's counting operation does not accept chats. So the operation is asked only about the pictures and documents of
 * a request, for chats and for responses.
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
