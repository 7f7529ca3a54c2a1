import { samples } from '../recordings/samples.js';

/** A typical use of a small budget, and its real cost. */
export interface EverydayBudget {
  readonly what: string;
  readonly model: string;
  readonly budgetUsd: number;
  /** The number of requests, which are sent one after the other or all at once. */
  readonly requests: number;
  readonly atOnce?: boolean;
  readonly path: string;
  readonly body: unknown;
  /** The usage that the vendor bills for one request, as `input` and `output`: tokens, or seconds of a recording. */
  readonly input: number;
  readonly output: number;
  /** The cost of one request at the vendor's price. */
  readonly priceUsd: number;
}

const sentence = 'The quick brown fox jumps over the lazy dog and considers, at some length, what it means. ';
const english = (bytes: number): string => sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes);
const tokensOf = (bytes: number): number => Math.ceil(bytes / 4.5);
const chatPath = '/openai/v1/chat/completions';
const messagesPath = '/anthropic/v1/messages';
const ask = (bytes: number) => [{ role: 'user', content: english(bytes) }];
const conversation = (turns: number) =>
  Array.from({ length: turns }, (_, n) => ({ role: n % 2 === 0 ? 'user' : 'assistant', content: english(300) }));
const pdf = { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQK' };
const png = 'data:image/png;base64,iVBORw0KGgo=';
const tools = Array.from({ length: 20 }, (_, n) => ({
  name: `tool_${n}`,
  description: english(400),
  input_schema: { type: 'object', properties: { path: { type: 'string', description: english(100) } } },
}));
/** A silent recording with 16,000 samples of sixteen bits a second. */
function wav(seconds: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF....WAVEfmt ');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(16_000, 24);
  head.writeUInt16LE(16, 34);
  return Buffer.concat([head, Buffer.alloc(seconds * 32_000)]);
}

interface Rate {
  readonly input: number;
  readonly output: number;
}

/** US dollars per million tokens. */
const rates = {
  'gpt-4o': { input: 2.5, output: 10 },
  'gpt-4o-mini': { input: 0.15, output: 0.6 },
  'gpt-5': { input: 1.25, output: 10 },
  'claude-haiku-4-5': { input: 1, output: 5 },
  'claude-sonnet-4-5': { input: 3, output: 15 },
  'gemini-2.5-flash': { input: 0.3, output: 2.5 },
  'text-embedding-3-small': { input: 0.02, output: 0 },
  'gpt-4o-mini-tts': { input: 0.6, output: 12 },
} as const;

function priced(
  model: keyof typeof rates,
  input: number,
  output: number,
): Pick<EverydayBudget, 'model' | 'input' | 'output' | 'priceUsd'> {
  const rate: Rate = rates[model];
  return { model, input, output, priceUsd: (input * rate.input + output * rate.output) / 1e6 };
}

/** Fifteen budgets from 0.05 to 5 US dollars. */
export const everydayBudgets: readonly EverydayBudget[] = [
  {
    what: 'a chat of ten questions, without an output limit',
    budgetUsd: 0.05,
    requests: 10,
    path: chatPath,
    body: { model: 'gpt-4o-mini', messages: conversation(9) },
    ...priced('gpt-4o-mini', 650, 300),
  },
  {
    what: 'a chat with a larger model, without an output limit',
    budgetUsd: 0.05,
    requests: 5,
    path: chatPath,
    body: { model: 'gpt-4o', messages: conversation(5) },
    ...priced('gpt-4o', 370, 300),
  },
  {
    what: 'five questions at once to a model that thinks',
    budgetUsd: 0.5,
    requests: 5,
    atOnce: true,
    path: chatPath,
    body: { model: 'gpt-5', messages: ask(400) },
    ...priced('gpt-5', 100, 2_000),
  },
  {
    what: 'four agents at once, with twenty tools each',
    budgetUsd: 1,
    requests: 4,
    atOnce: true,
    path: messagesPath,
    body: { model: 'claude-sonnet-4-5', max_tokens: 8_192, tools, messages: ask(2_000) },
    ...priced('claude-sonnet-4-5', 4_200, 1_000),
  },
  {
    what: 'an agent with a long history',
    budgetUsd: 0.5,
    requests: 2,
    path: messagesPath,
    body: { model: 'claude-sonnet-4-5', max_tokens: 4_096, tools, messages: conversation(399) },
    ...priced('claude-sonnet-4-5', 31_000, 500),
  },
  {
    what: 'a question about 40 kB of English',
    budgetUsd: 0.07,
    requests: 1,
    path: chatPath,
    body: { model: 'gpt-4o', max_completion_tokens: 1_000, messages: ask(40_000) },
    ...priced('gpt-4o', tokensOf(40_000), 900),
  },
  {
    what: 'a question about a book of 400 kB',
    budgetUsd: 0.25,
    requests: 1,
    path: messagesPath,
    body: { model: 'claude-haiku-4-5', max_tokens: 2_000, messages: ask(400_000) },
    ...priced('claude-haiku-4-5', tokensOf(400_000), 1_000),
  },
  {
    what: 'a question about 200 kB, to another vendor',
    budgetUsd: 0.05,
    requests: 1,
    path: '/google/v1beta/models/gemini-2.5-flash:generateContent',
    body: {
      contents: [{ role: 'user', parts: [{ text: english(200_000) }] }],
      generationConfig: { maxOutputTokens: 1_000 },
    },
    ...priced('gemini-2.5-flash', tokensOf(200_000), 900),
  },
  {
    what: 'a document of one page',
    budgetUsd: 0.05,
    requests: 2,
    path: chatPath,
    body: {
      model: 'gpt-4o',
      max_completion_tokens: 1_000,
      messages: [{ role: 'user', content: [{ type: 'file', file: pdf }] }],
    },
    ...priced('gpt-4o', 1_400, 500),
  },
  {
    what: 'a document of ten pages',
    budgetUsd: 0.1,
    requests: 1,
    path: messagesPath,
    body: {
      model: 'claude-haiku-4-5',
      max_tokens: 2_000,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQK' } },
          ],
        },
      ],
    },
    ...priced('claude-haiku-4-5', 23_000, 800),
  },
  {
    what: 'five pictures to look at',
    budgetUsd: 0.05,
    requests: 1,
    path: chatPath,
    body: {
      model: 'gpt-4o-mini',
      max_completion_tokens: 500,
      messages: [
        { role: 'user', content: Array.from({ length: 5 }, () => ({ type: 'image_url', image_url: { url: png } })) },
      ],
    },
    ...priced('gpt-4o-mini', 5 * 25_501, 300),
  },
  {
    what: 'a library of 200 kB for a search',
    budgetUsd: 0.05,
    requests: 5,
    path: '/openai/v1/embeddings',
    body: { model: 'text-embedding-3-small', input: Array.from({ length: 100 }, () => english(2_000)) },
    ...priced('text-embedding-3-small', tokensOf(200_000), 0),
  },
  {
    what: 'a page that is read aloud',
    budgetUsd: 0.12,
    requests: 1,
    path: '/openai/v1/audio/speech',
    body: { model: 'gpt-4o-mini-tts', voice: 'alloy', input: english(3_000), response_format: 'opus' },
    ...priced('gpt-4o-mini-tts', 700, Math.ceil((3_000 / 15) * 20.84)),
  },
  {
    what: 'a recording of three minutes',
    budgetUsd: 0.08,
    requests: 2,
    path: '/openai/v1/audio/transcriptions',
    body: { model: 'whisper-1', recording: wav(180) },
    model: 'whisper-1',
    input: 180,
    output: 0,
    priceUsd: 180 * 0.0001,
  },
  {
    what: 'twenty voice messages, as a browser records them',
    budgetUsd: 5,
    requests: 20,
    path: '/openai/v1/audio/transcriptions',
    body: { model: 'whisper-1', recording: Buffer.from(samples.webm, 'base64') },
    model: 'whisper-1',
    input: 2,
    output: 0,
    priceUsd: 2 * 0.0001,
  },
];

/** The vendor's bill for all requests. */
export const totalUsd = ({ priceUsd, requests }: EverydayBudget): number => priceUsd * requests;
