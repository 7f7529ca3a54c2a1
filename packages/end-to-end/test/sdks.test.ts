import Anthropic from '@anthropic-ai/sdk';
import type { LLMock } from '@copilotkit/aimock';
import { ApiError, GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { connect, createOwner } from './harness/connect.js';
import { type Deployment, startDeployment } from './harness/deployment.js';
import { operatorKey } from './harness/server-environments.js';
import { simulatedAnswer, simulatedTranscription, startSimulatedUpstream } from './harness/simulated-upstream.js';

const scope = [
  'model:gpt-4o-mini',
  'model:gpt-4.1',
  'model:text-embedding-3-small',
  'model:gpt-image-1',
  'model:gpt-4o-mini-tts',
  'model:whisper-1',
  'model:claude-haiku-4-5',
  'model:gemini-2.5-flash',
  'model:gemini-embedding-001',
  'cap:chat',
  'cap:embeddings',
  'cap:images',
  'cap:audio',
].join(' ');
const messages = [{ role: 'user' as const, content: 'What is the capital of France?' }];

let upstream: LLMock;
let deployment: Deployment;
let openai: OpenAI;
let anthropic: Anthropic;
let google: GoogleGenAI;
let expired: { openai: OpenAI; anthropic: Anthropic; google: GoogleGenAI };

beforeAll(async () => {
  upstream = await startSimulatedUpstream(operatorKey);
  deployment = await startDeployment({ upstreamUrl: upstream.url });
  const owner = await createOwner(deployment);
  const { accessToken } = await connect(deployment, { owner, scope });
  ({ openai, anthropic, google } = createSdks(accessToken));
  const other = await connect(deployment, { owner, scope });
  await other.client.revokeToken(other.accessToken);
  expired = createSdks(other.accessToken);
});

afterAll(async () => {
  await deployment?.stop();
  await upstream?.stop();
});

/** The official SDKs, with the proxy's URL, an access token as the key, and no retries. */
function createSdks(accessToken: string) {
  const base = deployment.resourceProxyUrl;
  return {
    openai: new OpenAI({ baseURL: `${base}/openai/v1`, apiKey: accessToken, maxRetries: 0 }),
    anthropic: new Anthropic({ baseURL: `${base}/anthropic`, apiKey: accessToken, maxRetries: 0 }),
    google: new GoogleGenAI({ apiKey: accessToken, httpOptions: { baseUrl: `${base}/google` } }),
  };
}

it('openai: chat, plain and streamed', async () => {
  const completion = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages });
  expect(completion.choices[0]?.message.content).toBe(simulatedAnswer);
  expect(completion.usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 22 });
  let text = '';
  for await (const chunk of await openai.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true }))
    text += chunk.choices[0]?.delta.content ?? '';
  expect(text).toBe(simulatedAnswer);
});

it('openai: responses, plain and streamed', async () => {
  const response = await openai.responses.create({ model: 'gpt-4o-mini', input: 'What is the capital of France?' });
  expect(response.output_text).toBe(simulatedAnswer);
  expect(upstream.getLastRequest()?.path).toContain('/v1/responses');
  const stream = await openai.responses.create({ model: 'gpt-4o-mini', input: 'And of France?', stream: true });
  let text = '';
  for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
  expect(text).toBe(simulatedAnswer);
});

it('openai: embeddings, images, speech and transcription', async () => {
  const embeddings = await openai.embeddings.create({ model: 'text-embedding-3-small', input: 'Paris' });
  expect(embeddings.data[0]?.embedding).toEqual([0.25, -0.5, 0.75]);
  const images = await openai.images.generate({ model: 'gpt-image-1', prompt: 'A tower' });
  expect(images.data?.[0]?.b64_json).toBe('aW1hZ2U=');
  const speech = await openai.audio.speech.create({ model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'Hello' });
  expect(Buffer.from(await speech.arrayBuffer()).toString()).toBe('speech');
  const file = await toFile(Buffer.concat([Buffer.of(0xff, 0xfb, 0x90), Buffer.alloc(300_000)]), 'recording.mp3');
  const transcription = await openai.audio.transcriptions.create({ model: 'whisper-1', file });
  expect(transcription.text).toBe(simulatedTranscription);
});

it('anthropic: messages, plain and streamed, and the counting of tokens', async () => {
  const request = { model: 'claude-haiku-4-5', max_tokens: 100, messages };
  const message = await anthropic.messages.create(request);
  expect(message.content[0]).toMatchObject({ type: 'text', text: simulatedAnswer });
  expect(message.usage).toMatchObject({ input_tokens: 11, output_tokens: 22 });
  const streamed = await anthropic.messages.stream(request).finalMessage();
  expect(streamed.content[0]).toMatchObject({ type: 'text', text: simulatedAnswer });
  const count = await anthropic.messages.countTokens({ model: 'claude-haiku-4-5', messages });
  expect(count.input_tokens).toBe(14);
});

it('google: content, plain and streamed, the counting of tokens, and embeddings', async () => {
  const request = { model: 'gemini-2.5-flash', contents: 'What is the capital of France?' };
  const answer = await google.models.generateContent(request);
  expect(answer.text).toBe(simulatedAnswer);
  expect(answer.usageMetadata).toMatchObject({ promptTokenCount: 11, candidatesTokenCount: 22 });
  let text = '';
  for await (const chunk of await google.models.generateContentStream(request)) text += chunk.text ?? '';
  expect(text).toBe(simulatedAnswer);
  expect((await google.models.countTokens(request)).totalTokens).toBe(7);
  const embedded = await google.models.embedContent({ model: 'gemini-embedding-001', contents: 'Paris' });
  expect(embedded.embeddings?.[0]?.values).toEqual([0.25, -0.5, 0.75]);
});

it('every SDK lists the models that the owner granted, and does not find others', async () => {
  const ofOpenai: string[] = [];
  for await (const { id } of openai.models.list()) ofOpenai.push(id);
  expect(ofOpenai.sort()).toEqual(
    ['gpt-4.1', 'gpt-4o-mini', 'gpt-4o-mini-tts', 'gpt-image-1', 'text-embedding-3-small', 'whisper-1'].sort(),
  );
  const ofAnthropic: string[] = [];
  for await (const { id } of anthropic.models.list()) ofAnthropic.push(id);
  expect(ofAnthropic).toEqual(['claude-haiku-4-5']);
  const ofGoogle: string[] = [];
  for await (const { name } of await google.models.list()) ofGoogle.push(name ?? '');
  expect(ofGoogle.sort()).toEqual(['models/gemini-2.5-flash', 'models/gemini-embedding-001']);
  expect((await openai.models.retrieve('gpt-4o-mini')).id).toBe('gpt-4o-mini');
  await expect(openai.models.retrieve('gpt-4o')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  await expect(anthropic.models.retrieve('claude-opus-5')).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  await expect(google.models.get({ model: 'gemini-2.5-pro' })).rejects.toMatchObject({ status: 404 });
});

it('a model that was not granted is a PermissionDenied error in the SDKs of OpenAI and Anthropic, and PERMISSION_DENIED in Google’s', async () => {
  await expect(openai.chat.completions.create({ model: 'gpt-4o', messages })).rejects.toBeInstanceOf(
    OpenAI.PermissionDeniedError,
  );
  await expect(anthropic.messages.create({ model: 'claude-opus-5', max_tokens: 10, messages })).rejects.toBeInstanceOf(
    Anthropic.PermissionDeniedError,
  );
  const refused = await google.models.generateContent({ model: 'gemini-2.5-pro', contents: 'Hi' }).catch(String);
  expect(refused).toContain('PERMISSION_DENIED');
});

it('a revoked token is an authentication error in the SDKs of OpenAI and Anthropic, and an ApiError with status 401 in Google’s', async () => {
  await expect(expired.openai.chat.completions.create({ model: 'gpt-4o-mini', messages })).rejects.toBeInstanceOf(
    OpenAI.AuthenticationError,
  );
  await expect(
    expired.anthropic.messages.create({ model: 'claude-haiku-4-5', max_tokens: 10, messages }),
  ).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
  const failure: unknown = await expired.google.models
    .generateContent({ model: 'gemini-2.5-flash', contents: 'Hi' })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ApiError);
  expect(failure).toMatchObject({ status: 401 });
});

it('a rate limit of the provider is the error for rate limits in the SDKs of OpenAI and Anthropic, and has status 429 in Google’s', async () => {
  const failing = [{ role: 'user' as const, content: 'fail429' }];
  await expect(openai.chat.completions.create({ model: 'gpt-4o-mini', messages: failing })).rejects.toBeInstanceOf(
    OpenAI.RateLimitError,
  );
  await expect(
    anthropic.messages.create({ model: 'claude-haiku-4-5', max_tokens: 10, messages: failing }),
  ).rejects.toBeInstanceOf(Anthropic.RateLimitError);
  await expect(google.models.generateContent({ model: 'gemini-2.5-flash', contents: 'fail429' })).rejects.toMatchObject(
    {
      status: 429,
    },
  );
});

// The ids at the beginning of titles are rows of docs/security.md.
it.each([
  [
    'OpenAI',
    async () =>
      openai.chat.completions.create({
        model: 'gpt-4o-mini',
        messages: [{ role: 'user', content: 'cut off' }],
        stream: true,
      }),
  ],
  ['OpenAI (responses)', async () => openai.responses.create({ model: 'gpt-4o-mini', input: 'cut off', stream: true })],
  [
    'Anthropic',
    async () =>
      anthropic.messages.create({
        model: 'claude-haiku-4-5',
        max_tokens: 100,
        messages: [{ role: 'user', content: 'cut off' }],
        stream: true,
      }),
  ],
  ['Google', async () => google.models.generateContentStream({ model: 'gemini-2.5-flash', contents: 'cut off' })],
])(
  'F15: a stream that the provider breaks off is an error in the SDK of %s, and does not look like a complete answer',
  async (_name, begin: () => Promise<AsyncIterable<unknown>>) => {
    const seen: unknown[] = [];
    const read = async () => {
      for await (const event of await begin()) seen.push(event);
    };
    await expect(read()).rejects.toThrow();
    expect(seen.length).toBeGreaterThan(0); // it broke off in the middle
    expect(JSON.stringify(seen)).not.toContain('always');
  },
);
