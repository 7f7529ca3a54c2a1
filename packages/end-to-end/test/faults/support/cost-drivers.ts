import type { Usage } from '@aipassport/policy';

export type Body = Readonly<Record<string, unknown>>;

/** A part of a request that multiplies its cost. */
export interface Driver {
  readonly name: string;
  readonly upstream: 'openai' | 'anthropic' | 'google';
  readonly model: string;
  readonly capabilities: string;
  readonly path: string;
  readonly body: Body;
  /** If there is a file, the request is sent as a form with this file. */
  readonly file?: Uint8Array<ArrayBuffer>;
  /** The most expensive answer that the AI provider can give to the forwarded request, and its bill. */
  readonly answer: (sent: Body) => { readonly body: Body; readonly usage: Usage };
  readonly toolCalls?: number;
}

const chatPath = '/openai/v1/chat/completions';
const messages = [{ role: 'user', content: 'Hello? '.repeat(20) }];
const chatAnswer = (sent: Body, outputTokens: number, more: Body = {}) => ({
  body: {
    id: 'x',
    object: 'chat.completion',
    model: sent['model'],
    choices: [],
    usage: { prompt_tokens: 40, completion_tokens: outputTokens, total_tokens: 40 + outputTokens, ...more },
  },
  usage: { inputTokens: 40, outputTokens },
});
const searches = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    type: 'web_search_call',
    id: `ws_${index}`,
    status: 'completed',
    action: { type: 'search', query: 'x' },
  }));

/** A WAV file of this length, with 16 bits at 16 kHz. */
function makeRecording(seconds: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(44 + seconds * 32_000);
  const view = new DataView(bytes.buffer);
  const write = (offset: number, text: string) => bytes.set(new TextEncoder().encode(text), offset);
  write(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  write(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 16_000, true);
  view.setUint32(28, 32_000, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, 'data');
  view.setUint32(40, bytes.length - 44, true);
  return bytes;
}

/** Requests with these drivers, each with the most expensive answer that its limits allow. */
export const drivers: readonly Driver[] = [
  {
    name: 'n',
    upstream: 'openai',
    model: 'gpt-4o-mini',
    capabilities: 'cap:chat',
    path: chatPath,
    body: { messages, n: 4, max_completion_tokens: 200 },
    answer: (sent) => chatAnswer(sent, 800),
  },
  {
    name: 'no output limit',
    upstream: 'openai',
    model: 'gpt-4o-mini',
    capabilities: 'cap:chat',
    path: chatPath,
    body: { messages },
    answer: (sent) => chatAnswer(sent, Number(sent['max_completion_tokens'])),
  },
  {
    name: 'reasoning',
    upstream: 'openai',
    model: 'gpt-5-mini',
    capabilities: 'cap:chat',
    path: chatPath,
    body: { messages, reasoning_effort: 'high', max_completion_tokens: 3_000 },
    answer: (sent) => chatAnswer(sent, 3_000, { completion_tokens_details: { reasoning_tokens: 2_900 } }),
  },
  {
    name: 'service_tier',
    upstream: 'openai',
    model: 'gpt-4o-mini',
    capabilities: 'cap:chat',
    path: chatPath,
    body: { messages, service_tier: 'auto', max_completion_tokens: 100 },
    // if the tier were not set, the provider key's project could select a more expensive one
    answer: (sent) => chatAnswer(sent, sent['service_tier'] === 'default' ? 100 : 1_000_000),
  },
  {
    name: 'parallel tool calls',
    upstream: 'openai',
    model: 'gpt-4o-mini',
    capabilities: 'cap:chat',
    path: chatPath,
    body: {
      messages,
      max_completion_tokens: 300,
      parallel_tool_calls: true,
      tools: [
        { type: 'function', function: { name: 'look', description: 'x'.repeat(500), parameters: { type: 'object' } } },
      ],
    },
    answer: (sent) => ({ ...chatAnswer(sent, 300), usage: { inputTokens: 40, outputTokens: 300 } }),
  },
  {
    name: 'pictures',
    upstream: 'openai',
    model: 'gpt-image-1',
    capabilities: 'cap:images',
    path: '/openai/v1/images/generations',
    body: { prompt: 'A cat', n: 3, quality: 'high', size: '1024x1536' },
    answer: () => ({
      body: {
        created: 1,
        data: [],
        usage: {
          input_tokens: 5,
          output_tokens: 3 * 6_240,
          total_tokens: 5 + 3 * 6_240,
          input_tokens_details: { text_tokens: 5, image_tokens: 0 },
        },
      },
      usage: { inputTokens: 5, outputImageTokens: 3 * 6_240 },
    }),
  },
  {
    name: 'spoken characters',
    upstream: 'openai',
    model: 'tts-1',
    capabilities: 'cap:audio',
    path: '/openai/v1/audio/speech',
    body: { input: 'x'.repeat(1_000), voice: 'alloy' },
    answer: () => ({ body: {}, usage: { inputCharacters: 1_000 } }),
  },
  {
    name: 'seconds of a recording',
    upstream: 'openai',
    model: 'whisper-1',
    capabilities: 'cap:audio',
    path: '/openai/v1/audio/transcriptions',
    body: {},
    file: makeRecording(10),
    answer: () => ({
      body: { text: 'Hello?', usage: { type: 'duration', seconds: 10 } },
      usage: { audioSeconds: 10 },
    }),
  },
  {
    name: 'an input picture',
    upstream: 'openai',
    model: 'gpt-4o-mini',
    capabilities: 'cap:chat',
    path: chatPath,
    body: {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'high' } }],
        },
      ],
      max_completion_tokens: 100,
    },
    // OpenAI counts a picture in tiles of 512 by 512 pixels. This answer bills four: 2,833 tokens, and 5,667 for each.
    answer: (sent) => ({
      body: {
        ...chatAnswer(sent, 100).body,
        usage: { prompt_tokens: 25_501, completion_tokens: 100, total_tokens: 25_601 },
      },
      usage: { inputTokens: 25_501, outputTokens: 100 },
    }),
  },
  {
    name: 'text that is cached for an hour',
    upstream: 'anthropic',
    model: 'claude-haiku-4-5',
    capabilities: 'cap:chat',
    path: '/anthropic/v1/messages',
    body: {
      max_tokens: 100,
      messages: [
        {
          role: 'user',
          content: [{ type: 'text', text: 'Hello? '.repeat(500), cache_control: { type: 'ephemeral', ttl: '1h' } }],
        },
      ],
    },
    answer: () => ({
      body: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'claude-haiku-4-5',
        content: [],
        usage: {
          input_tokens: 4,
          cache_creation_input_tokens: 1_000,
          cache_read_input_tokens: 0,
          cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 1_000 },
          output_tokens: 100,
        },
      },
      usage: { inputTokens: 4, cacheWrite1hTokens: 1_000, outputTokens: 100 },
    }),
  },
  {
    name: 'thinking',
    upstream: 'google',
    model: 'gemini-2.5-flash',
    capabilities: 'cap:chat',
    path: '/google/v1beta/models/gemini-2.5-flash:generateContent',
    body: {
      contents: [{ role: 'user', parts: [{ text: 'Hello?' }] }],
      generationConfig: { maxOutputTokens: 2_000, candidateCount: 2 },
    },
    answer: () => ({
      body: {
        candidates: [],
        usageMetadata: {
          promptTokenCount: 8,
          candidatesTokenCount: 1_000,
          thoughtsTokenCount: 3_000,
          totalTokenCount: 4_008,
        },
      },
      usage: { inputTokens: 8, outputTokens: 4_000 },
    }),
  },
  {
    name: 'seven searches on the web, which its usage does not report',
    upstream: 'openai',
    model: 'gpt-5-mini',
    capabilities: 'cap:chat cap:tools.web',
    path: '/openai/v1/responses',
    body: { input: 'Hello?', max_output_tokens: 500, max_tool_calls: 7, tools: [{ type: 'web_search' }] },
    answer: (sent) => ({
      body: {
        id: 'r',
        object: 'response',
        status: 'completed',
        model: 'gpt-5-mini',
        output: searches(Number(sent['max_tool_calls'])),
        usage: { input_tokens: 30_000, output_tokens: 500, total_tokens: 30_500 },
      },
      usage: { inputTokens: 30_000, outputTokens: 500, webSearches: 7 },
    }),
    toolCalls: 7,
  },
  {
    name: 'as many searches as the limit that the proxy adds',
    upstream: 'openai',
    model: 'gpt-5-mini',
    capabilities: 'cap:chat cap:tools.web',
    path: '/openai/v1/responses',
    body: { input: 'Hello?', max_output_tokens: 500, tools: [{ type: 'web_search' }] },
    answer: (sent) => ({
      body: {
        id: 'r',
        object: 'response',
        status: 'completed',
        model: 'gpt-5-mini',
        output: searches(Number(sent['max_tool_calls'])),
        usage: { input_tokens: 30_000, output_tokens: 500, total_tokens: 30_500 },
      },
      usage: { inputTokens: 30_000, outputTokens: 500, webSearches: Number(sent['max_tool_calls']) },
    }),
    toolCalls: 5,
  },
  {
    name: 'searches of another vendor',
    upstream: 'anthropic',
    model: 'claude-haiku-4-5',
    capabilities: 'cap:chat cap:tools.web',
    path: '/anthropic/v1/messages',
    body: {
      max_tokens: 200,
      messages: [{ role: 'user', content: 'Hello?' }],
      tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }],
    },
    answer: () => ({
      body: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'claude-haiku-4-5',
        content: [],
        usage: { input_tokens: 9_000, output_tokens: 200, server_tool_use: { web_search_requests: 3 } },
      },
      usage: { inputTokens: 9_000, outputTokens: 200, webSearches: 3 },
    }),
    toolCalls: 3,
  },
];
