import Anthropic from '@anthropic-ai/sdk';
import { AnswerBrokenOffError, type AnswerRequest, maxAnswerTokens } from './answer-source.js';

/**
 * Asks a model through Anthropic's own SDK. Resolves when the answer begins: neither the proxy nor the vendor has
 * refused the request, and the text follows.
 */
export async function openAnthropicAnswer(request: AnswerRequest): Promise<AsyncIterable<string>> {
  const anthropic = new Anthropic({
    baseURL: `${request.resourceProxyUrl}/anthropic`,
    apiKey: request.accessToken,
    maxRetries: 0, // show a refusal at once instead of retrying
    logLevel: 'off',
  });
  const events = await anthropic.messages.create(
    {
      model: request.modelId,
      messages: request.messages.map(({ role, text }) => ({ role, content: text })),
      max_tokens: maxAnswerTokens,
      stream: true,
    },
    { signal: request.signal },
  );
  return readText(events);
}

async function* readText(events: AsyncIterable<Anthropic.RawMessageStreamEvent>): AsyncGenerator<string> {
  let isFinished = false;
  for await (const event of events) {
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield event.delta.text;
    isFinished ||= event.type === 'message_stop';
  }
  if (!isFinished) throw new AnswerBrokenOffError();
}
