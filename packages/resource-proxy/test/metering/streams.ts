import { event } from './metering.js';

/** Streams in the vendors' formats, each with its usage. */
export interface RecordedStream {
  readonly name: string;
  readonly operationId: string;
  readonly contentType?: string;
  readonly text: string;
  readonly usage: Record<string, number>;
}

const chunkOf = (delta: unknown, finishReason: string | null = null) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'gpt-4o-2024-08-06',
  service_tier: 'default',
  system_fingerprint: 'fp_1',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
});
const texts = [
  'He said "usage": null',
  ',"usage":null}\n\ndata: {"choices":[],"usage":{}}',
  '{"usage":{"prompt_tokens":1}}',
  'naïve 🙂',
  '',
];
const chatUsage = {
  prompt_tokens: 57,
  completion_tokens: 17,
  total_tokens: 74,
  prompt_tokens_details: { cached_tokens: 40, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 5,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};
const chunks = [
  chunkOf({ role: 'assistant', content: '' }),
  ...texts.map((content) => chunkOf({ content })),
  chunkOf({}, 'stop'),
];
const padding = { obfuscation: 'aB3"usage"' };
const done = event('[DONE]');

/** The same streamed chat, without its usage and with it. */
export interface ChatPair {
  readonly name: string;
  readonly plain: string;
  readonly withUsage: string;
}

const { choices: _choices, ...frame } = chunkOf({});
const last = event({ ...frame, choices: [], usage: chatUsage });

export const chatPairs: readonly ChatPair[] = [
  {
    name: 'usage as the last member',
    plain: chunks.map((chunk) => event(chunk)).join('') + done,
    withUsage: chunks.map((chunk) => event({ ...chunk, usage: null })).join('') + last + done,
  },
  {
    name: 'usage before another member',
    plain: chunks.map((chunk) => event({ ...chunk, ...padding })).join('') + done,
    withUsage: chunks.map((chunk) => event({ ...chunk, usage: null, ...padding })).join('') + last + done,
  },
  {
    name: 'usage as the first member, with spaces',
    plain: chunks.map((chunk) => event(spaced(chunk))).join('') + done,
    withUsage: chunks.map((chunk) => event(spaced({ usage: null, ...chunk }))).join('') + last + done,
  },
  {
    name: 'carriage returns and comments',
    plain: `: hello\r\n\r\n${chunks.map((chunk) => crlf(event(chunk, 'chunk'))).join('')}: ping\r\n\r\n${crlf(done)}`,
    withUsage: `: hello\r\n\r\n${chunks.map((chunk) => crlf(event({ ...chunk, usage: null }, 'chunk'))).join('')}: ping\r\n\r\n${crlf(last + done)}`,
  },
  {
    name: 'a member `usage` in an object within a chunk',
    plain: event({ ...chunkOf({ usage: null, tool: { usage: { a: [1] } } }) }) + done,
    withUsage: event({ ...chunkOf({ usage: null, tool: { usage: { a: [1] } } }), usage: null }) + last + done,
  },
  {
    name: 'an empty `usage` in an object at the end of a chunk',
    plain: event(chunkOf({ content: 'x', tool: { a: 1, usage: null } })) + done,
    withUsage: event({ usage: null, ...chunkOf({ content: 'x', tool: { a: 1, usage: null } }) }) + last + done,
  },
  {
    name: 'no blank line at its end',
    plain: chunks.map((chunk) => event(chunk)).join('') + 'data: [DONE]',
    withUsage: `${chunks.map((chunk) => event({ ...chunk, usage: null })).join('') + last}data: [DONE]`,
  },
];

function spaced(value: unknown): string {
  return JSON.stringify(value, null, 1).replaceAll('\n', ' ');
}

function crlf(text: string): string {
  return text.replaceAll('\n', '\r\n');
}

export const chatCounts = { inputTokens: 17, cacheReadTokens: 40, outputTokens: 17 };

const response = {
  id: 'resp_1',
  service_tier: 'default',
  tools: [{ type: 'function', name: 'usage', parameters: { properties: { usage: { type: 'object' } } } }],
  output: [
    { type: 'reasoning', id: 'rs_1' },
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } },
    {
      type: 'web_search_call',
      id: 'ws_2',
      status: 'completed',
      action: { type: 'open_page', url: 'https://example.com' },
    },
    { type: 'web_search_call', id: 'ws_3', status: 'completed' },
    { type: 'code_interpreter_call', id: 'ci_1', container_id: 'cntr_1' },
    { type: 'code_interpreter_call', id: 'ci_2', container_id: 'cntr_1' },
    { type: 'message', content: [{ type: 'output_text', text: '"response.completed"' }] },
  ],
  usage: {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 30 },
    output_tokens: 50,
    output_tokens_details: { reasoning_tokens: 20 },
    total_tokens: 150,
  },
  metadata: { usage: 'mine' },
};

const google = (text: string, rest: object, usage: object) => ({
  candidates: [
    {
      content: {
        parts: [
          { text },
          { functionCall: { name: 'f', args: { usageMetadata: { promptTokenCount: 1 }, finishReason: 'x' } } },
        ],
        role: 'model',
      },
      index: 0,
      ...rest,
    },
  ],
  usageMetadata: { promptTokenCount: 20, totalTokenCount: 20, ...usage },
  modelVersion: 'gemini-2.5-flash',
});
const finalGoogle = {
  candidatesTokenCount: 9,
  thoughtsTokenCount: 30,
  cachedContentTokenCount: 4,
  toolUsePromptTokenCount: 6,
  totalTokenCount: 65,
  promptTokensDetails: [
    { modality: 'TEXT', tokenCount: 12 },
    { modality: 'AUDIO', tokenCount: 8 },
  ],
  cacheTokensDetails: [
    { modality: 'AUDIO', tokenCount: 1 },
    { modality: 'TEXT', tokenCount: 3 },
  ],
};
const googleParts = [
  google('Hel"lo}]', {}, {}),
  google('\\', { groundingMetadata: { webSearchQueries: ['x'] } }, { candidatesTokenCount: 3, totalTokenCount: 23 }),
  google('', { finishReason: 'STOP' }, finalGoogle),
];
const googleUsage = {
  inputTokens: 15,
  inputAudioTokens: 7,
  cacheReadTokens: 3,
  cacheReadAudioTokens: 1,
  outputTokens: 39,
  webSearches: 1,
};

const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-haiku-4-5', content: [] };
const startUsage = {
  input_tokens: 12,
  cache_creation_input_tokens: 30,
  cache_read_input_tokens: 7,
  cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
  output_tokens: 1,
  service_tier: 'standard',
  inference_geo: 'global',
};
const deltas = ['message_delta', '"usage":{"output_tokens":9}', '🙂'];

export const streams: readonly RecordedStream[] = [
  ...chatPairs.map(({ name, withUsage }) => ({
    name: `chat, ${name}`,
    operationId: 'openai.chat/completions',
    text: withUsage,
    usage: chatCounts,
  })),
  {
    name: 'responses',
    operationId: 'openai.responses',
    text:
      event({ type: 'response.created', response: { ...response, output: [], usage: null } }, 'response.created') +
      texts
        .map((delta) => event({ type: 'response.output_text.delta', delta }, 'response.output_text.delta'))
        .join('') +
      event({ type: 'response.completed', sequence_number: 9, response }, 'response.completed'),
    usage: { inputTokens: 70, cacheReadTokens: 30, outputTokens: 50, webSearches: 2, codeSessions: 1 },
  },
  {
    name: 'messages',
    operationId: 'anthropic.messages',
    text:
      event({ type: 'message_start', message: { ...message, usage: startUsage } }, 'message_start') +
      event({ type: 'ping' }, 'ping') +
      event(
        {
          type: 'content_block_start',
          index: 0,
          content_block: { type: 'server_tool_use', name: 'bash_code_execution', input: {} },
        },
        'content_block_start',
      ) +
      deltas
        .map((text) =>
          event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }, 'content_block_delta'),
        )
        .join('') +
      event({ type: 'message_delta', delta: { stop_reason: null }, usage: { output_tokens: 40 } }, 'message_delta') +
      event(
        {
          type: 'message_delta',
          delta: { stop_reason: 'end_turn' },
          usage: {
            input_tokens: 500,
            cache_read_input_tokens: null,
            output_tokens: 88,
            server_tool_use: { web_search_requests: 3 },
          },
        },
        'message_delta',
      ) +
      event({ type: 'message_stop' }, 'message_stop'),
    usage: {
      inputTokens: 500,
      cacheReadTokens: 7,
      cacheWriteTokens: 10,
      cacheWrite1hTokens: 20,
      outputTokens: 88,
      webSearches: 3,
      codeSessions: 1,
    },
  },
  {
    name: 'generated content as events',
    operationId: 'google.streamGenerateContent',
    text: googleParts.map((part) => event(part).replaceAll('\n', '\r\n')).join(''),
    usage: googleUsage,
  },
  {
    name: 'generated content as a list',
    operationId: 'google.streamGenerateContent',
    contentType: 'application/json; charset=UTF-8',
    text: `[${googleParts.map((part) => JSON.stringify(part, null, 2)).join('\n,\r\n')}\n]\n`,
    usage: googleUsage,
  },
  {
    name: 'speech',
    operationId: 'openai.audio/speech',
    text:
      event({ type: 'speech.audio.delta', audio: 'AAAA' }) +
      event({ type: 'speech.audio.done', usage: { input_tokens: 14, output_tokens: 101, total_tokens: 115 } }),
    usage: { inputTokens: 14, outputTokens: 101 },
  },
  {
    name: 'transcript',
    operationId: 'openai.audio/transcriptions',
    text:
      event({ type: 'transcript.text.delta', delta: '"usage"' }) +
      event({
        type: 'transcript.text.done',
        text: 'x',
        usage: {
          type: 'tokens',
          input_tokens: 14,
          input_token_details: { text_tokens: 4, audio_tokens: 10 },
          output_tokens: 45,
          total_tokens: 59,
        },
      }),
    usage: { inputTokens: 4, inputAudioTokens: 10, outputTokens: 45 },
  },
  {
    name: 'pictures',
    operationId: 'openai.images/generations',
    text:
      event({ type: 'image_generation.partial_image', b64_json: 'AAAA' }) +
      [1, 2]
        .map(() =>
          event({
            type: 'image_generation.completed',
            b64_json: 'A'.repeat(2_000),
            usage: {
              total_tokens: 110,
              input_tokens: 10,
              output_tokens: 100,
              input_tokens_details: { text_tokens: 8, image_tokens: 2 },
            },
          }),
        )
        .join(''),
    usage: { inputTokens: 16, inputImageTokens: 4, outputImageTokens: 200 },
  },
];
