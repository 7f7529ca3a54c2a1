import OpenAI from 'openai';
import { AnswerBrokenOffError, type AnswerRequest, maxAnswerTokens } from './answer-source.js';

/**
 * Asks a model through OpenAI's own SDK. Resolves when the answer begins: neither the proxy nor the vendor has refused
 * the request, and the text follows.
 */
export async function openOpenAiAnswer(request: AnswerRequest): Promise<AsyncIterable<string>> {
  const openai = new OpenAI({
    baseURL: `${request.resourceProxyUrl}/openai/v1`,
    apiKey: request.accessToken,
    // The owner decides whose account is billed, so neither is taken from this process's environment.
    organization: null,
    project: null,
    maxRetries: 0, // show a refusal at once instead of retrying
    logLevel: 'off',
  });
  const chunks = await openai.chat.completions.create(
    {
      model: request.modelId,
      messages: request.messages.map(({ role, text }) => ({ role, content: text })),
      max_completion_tokens: maxAnswerTokens,
      stream: true,
    },
    { signal: request.signal },
  );
  return readText(chunks);
}

async function* readText(chunks: AsyncIterable<OpenAI.ChatCompletionChunk>): AsyncGenerator<string> {
  let isFinished = false;
  for await (const { choices } of chunks) {
    const text = choices[0]?.delta.content;
    if (text) yield text;
    isFinished ||= typeof choices[0]?.finish_reason === 'string';
  }
  if (!isFinished) throw new AnswerBrokenOffError();
}
