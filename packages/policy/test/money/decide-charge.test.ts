import { expect, it } from '@jest/globals';
import { decideCharge, estimateUpload, type ObservedAnswer, type Usage } from '../../src/index.js';
import { estimateOf, priceOf } from './terms.js';

const chat = estimateOf('openai.responses', 'gpt-4o', { input: 'Hello', max_output_tokens: 100 });
const unseen = { bytes: 0, textBytes: 0, outputTokens: 0, hiddenSeconds: 0, reported: undefined };
const charge = (
  usage: Usage | undefined,
  estimate = chat,
  durationMilliseconds = 1_000,
  seen: Partial<ObservedAnswer> = {},
) =>
  decideCharge({
    estimate,
    reservedNanoUsd: estimate.worstCaseNanoUsd,
    usage,
    seen: { ...unseen, ...seen },
    durationMilliseconds,
  });

it('charges the reported usage at the price of the estimate', () => {
  expect(charge({ inputTokens: 10, outputTokens: 20 })).toEqual({
    kind: 'reported',
    nanoUsd: 225_000n,
    usage: { inputTokens: 10, outputTokens: 20 },
    isAboveReserved: false,
  });
});

it('charges more than the reservation if the reported usage costs more, and reports that', () => {
  expect(charge({ inputTokens: 10, outputTokens: 1_000 })).toMatchObject({
    nanoUsd: 10_025_000n,
    isAboveReserved: true,
  });
});

const input = chat.worstCaseNanoUsd - 100n * 10_000n;

it.each([
  ['no usage that can be trusted was reported', undefined, 'usage_not_trusted', input],
  [
    'the reported usage has a kind without a price',
    { inputTokens: 10, outputTokens: 59, outputAudioTokens: 1 },
    'usage_not_priced',
    input,
  ],
  ['an output of zero tokens was reported', { inputTokens: 10, outputTokens: 0 }, 'usage_below_answer', 25_000n],
  [
    'fewer tokens were reported than the text must have',
    { inputTokens: 10, outputTokens: 12 },
    'usage_below_answer',
    25_000n,
  ],
])('charges the output that was received if %s', (_case, usage, reason, inputNanoUsd) => {
  const words = { textBytes: 1_800, outputTokens: 60, bytes: 2_000 };
  expect(charge(usage, chat, 1_000, words)).toEqual({
    kind: 'produced',
    nanoUsd: inputNanoUsd + 60n * 10_000n,
    reason,
  });
});

it('trusts a report of zero tokens for a legacy completion that only repeats its prompt, not for one with more text', () => {
  const completion = estimateOf('openai.completions', 'gpt-3.5-turbo-instruct', {
    prompt: 'Once upon',
    max_tokens: 10,
  });
  const chargeFor = (textBytes: number, outputTokens: number) =>
    charge({ inputTokens: 2, outputTokens }, completion, 1_000, { textBytes, outputTokens: 60, bytes: textBytes }).kind;
  expect(chargeFor('Once upon'.length, 0)).toBe('reported');
  expect(chargeFor(20_000, 0)).toBe('produced');
  expect(chargeFor(20_000, 1)).toBe('produced');
});

it('trusts a report of few tokens for a long text, and of many tokens because the model may have been thinking', () => {
  const words = { textBytes: 1_800, outputTokens: 60, bytes: 2_000 };
  for (const outputTokens of [13, 400, 16_384])
    expect(charge({ inputTokens: 10, outputTokens }, chat, 1_000, words).kind).toBe('reported');
});

it.each([
  ['output', { inputTokens: 10, outputTokens: 1e15 }],
  ['output (300,000 tokens)', { inputTokens: 10, outputTokens: 300_000 }],
  ['input', { inputTokens: 3_000_000, outputTokens: 1 }],
  ['searches', { inputTokens: 10, outputTokens: 1, webSearches: 1_000_000 }],
])(
  'charges the whole reservation and marks the report as doubtful if it has more %s than the model and the answer allow',
  (_case, usage) => {
    const searching = estimateOf('openai.responses', 'gpt-4o', {
      input: 'Hello',
      max_output_tokens: 100,
      tools: [{ type: 'web_search' }],
    });
    expect(charge(usage, 'webSearches' in usage ? searching : chat)).toEqual({ kind: 'doubted' });
  },
);

it('does not trust a report that counts the tokens of a recording as text', () => {
  const part = { inlineData: { mimeType: 'audio/mp3', data: Buffer.from([0xff, 0xfb, 0x90, 0]).toString('base64') } };
  const estimate = estimateOf('google.generateContent', 'gemini-2.5-flash', { contents: [{ parts: [part] }] });
  expect(charge({ inputTokens: 40, outputTokens: 1 }, estimate)).toMatchObject({
    kind: 'produced',
    reason: 'media_not_reported',
  });
  expect(charge({ inputTokens: 8, inputAudioTokens: 32, outputTokens: 1 }, estimate).kind).toBe('reported');
  expect(charge({ inputTokens: 8, cacheReadAudioTokens: 32, outputTokens: 1 }, estimate).kind).toBe('reported');
});

it('charges the input of speech although only the output was measured', () => {
  const estimate = estimateOf('openai.audio/speech', 'gpt-4o-mini-tts', { input: 'x'.repeat(100) });
  expect(charge({ outputTokens: 210 }, estimate)).toMatchObject({ nanoUsd: 100n * 600n + 210n * 12_000n });
  const spelled = estimateOf('openai.audio/speech', 'tts-1', { input: 'x'.repeat(100) });
  expect(charge({ outputTokens: 210 }, spelled)).toMatchObject({ kind: 'produced', nanoUsd: 1_500_000n });
});

it('charges the reported seconds of a recording, not the longest possible', () => {
  const upload = { bytes: 1_000_000, head: Uint8Array.of(0xff, 0xfb, 0x90), isChunked: false };
  const result = estimateUpload('openai.audio/transcriptions', upload, priceOf('whisper-1'));
  if (!result.ok) throw new Error('no estimate');
  expect(charge({ audioSeconds: 30 }, result.estimate)).toMatchObject({ nanoUsd: 3_000_000n, isAboveReserved: false });
});

it.each([
  ['openai.responses', 'gpt-5-mini', { input: '', tools: [{ type: 'code_interpreter' }] }, 1_000, 1],
  ['openai.responses', 'gpt-5-mini', { input: '', tools: [{ type: 'code_interpreter' }] }, 1_200_001, 2],
  ['anthropic.messages', 'claude-haiku-4-5', { messages: [], tools: [{ type: 'code_execution_20250825' }] }, 0, 1],
  [
    'anthropic.messages',
    'claude-haiku-4-5',
    { messages: [], tools: [{ type: 'code_execution_20250825' }] },
    900_000,
    3,
  ],
])(
  'charges a container for as long as it may have run: %s with %s, %j for %d ms',
  (operation, model, body, milliseconds, sessions) => {
    const usage = { inputTokens: 10, outputTokens: 1, codeSessions: 1 };
    const charged = charge(usage, estimateOf(operation, model, body), milliseconds);
    expect(charged).toMatchObject({ kind: 'reported', usage: { codeSessions: sessions }, isAboveReserved: false });
  },
);

it('charges nothing for free operations', () => {
  expect(charge({}, estimateOf('google.countTokens', 'gemini-2.5-flash', {}))).toMatchObject({
    kind: 'reported',
    nanoUsd: 0n,
  });
});
