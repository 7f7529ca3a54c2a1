import type { IncomingMessage, ServerResponse } from 'node:http';
import { LLMock } from '@copilotkit/aimock';

/** The usage, in each dialect's format. */
export const usage = {
  prompt_tokens: 11,
  completion_tokens: 22,
  total_tokens: 33,
  input_tokens: 11,
  output_tokens: 22,
  promptTokenCount: 11,
  candidatesTokenCount: 22,
  totalTokenCount: 33,
};

export const simulatedAnswer = 'The capital of France is Paris.';
export const simulatedTranscription = 'What the recording says.';

/**
 * Starts a third party's simulation of the AI providers. It accepts only these provider keys. The text of a
 * message chooses the answer: `fail429` an error, `cut off` a stream that breaks off, any other text a complete answer.
 */
export async function startSimulatedUpstream(...apiKeys: string[]): Promise<LLMock> {
  const upstream = new LLMock({ host: '127.0.0.1', port: 0, auth: { apiKeys }, logLevel: 'silent' });
  upstream.addFixturesFromJSON([
    {
      match: { endpoint: 'chat', userMessage: 'fail429' },
      response: {
        error: { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' },
        status: 429,
      },
    },
    {
      match: { endpoint: 'chat', userMessage: 'cut off' },
      response: { content: 'This stream is broken off by the provider, always.', usage },
      chunkSize: 5,
      truncateAfterChunks: 3,
      latency: 20, // without a pause, it breaks off before it has sent anything
    },
    { match: { endpoint: 'chat' }, response: { content: simulatedAnswer, usage }, chunkSize: 8 },
    { match: { endpoint: 'embedding' }, response: { embedding: [0.25, -0.5, 0.75], usage } },
    { match: { endpoint: 'image' }, response: { image: { b64Json: 'aW1hZ2U=' }, usage } },
    { match: { endpoint: 'speech' }, response: { audio: 'c3BlZWNo', format: 'mp3' } },
    { match: { endpoint: 'transcription' }, response: { transcription: { text: simulatedTranscription } } },
  ]);
  for (const [path, body] of Object.entries(missing))
    upstream.mount(path, {
      handleRequest: (_request: IncomingMessage, response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
        return Promise.resolve(true);
      },
    });
  await upstream.start();
  return upstream;
}

/** Answers that the simulation does not have, in the vendors' formats. */
const missing = {
  '/v1/messages/count_tokens': { input_tokens: 14 },
  '/v1beta/models/gemini-2.5-flash:countTokens': { totalTokens: 7 },
  '/v1beta/models/gemini-embedding-001:batchEmbedContents': { embeddings: [{ values: [0.25, -0.5, 0.75] }] },
};
