import { expect, it } from '@jest/globals';
import { decideCharge, estimateUpload, type Usage } from '../../src/index.js';
import { estimateOf, termsOf } from './terms.js';

const chat = estimateOf('openai.responses', 'gpt-4o', { input: 'Hello', max_output_tokens: 100 });
const charge = (usage: Usage | undefined, estimate = chat, durationMilliseconds = 1_000) =>
  decideCharge({ estimate, reservedNanoUsd: estimate.worstCaseNanoUsd, usage, durationMilliseconds });

it('charges what was reported, by the price of the estimate', () => {
  expect(charge({ inputTokens: 10, outputTokens: 20 })).toEqual({
    kind: 'reported',
    nanoUsd: 225_000n,
    usage: { inputTokens: 10, outputTokens: 20 },
    isAboveReserved: false,
  });
});

it('charges more than was set aside when that is what is owed, and says so', () => {
  expect(charge({ inputTokens: 10, outputTokens: 1_000 })).toMatchObject({
    nanoUsd: 10_025_000n,
    isAboveReserved: true,
  });
});

it.each([
  ['nothing that can be trusted was reported', undefined, 'usage_not_trusted'],
  ['something was reported that has no price', { inputTokens: 10, outputAudioTokens: 1 }, 'usage_not_priced'],
  [
    'more was reported than any request of its kind can use',
    { inputTokens: 10, outputTokens: 1e15 },
    'usage_not_possible',
  ],
])('charges as estimated when %s', (_case, usage, reason) => {
  expect(charge(usage)).toEqual({ kind: 'estimated', reason });
});

it('does not take a recording for text', () => {
  const part = { inlineData: { mimeType: 'audio/mp3', data: Buffer.from([0xff, 0xfb, 0x90, 0]).toString('base64') } };
  const estimate = estimateOf('google.generateContent', 'gemini-2.5-flash', { contents: [{ parts: [part] }] });
  expect(charge({ inputTokens: 40, outputTokens: 1 }, estimate)).toEqual({
    kind: 'estimated',
    reason: 'media_not_reported',
  });
  expect(charge({ inputTokens: 8, inputAudioTokens: 32, outputTokens: 1 }, estimate).kind).toBe('reported');
  expect(charge({ inputTokens: 8, cacheReadAudioTokens: 32, outputTokens: 1 }, estimate).kind).toBe('reported');
});

it('adds what went into speech to the length of what came out', () => {
  const estimate = estimateOf('openai.audio/speech', 'gpt-4o-mini-tts', { input: 'x'.repeat(100) });
  expect(charge({ outputTokens: 210 }, estimate)).toMatchObject({ nanoUsd: 100n * 600n + 210n * 12_000n });
  const spelled = estimateOf('openai.audio/speech', 'tts-1', { input: 'x'.repeat(100) });
  expect(charge({ outputTokens: 210 }, spelled)).toEqual({ kind: 'estimated', reason: 'usage_not_priced' });
});

it('charges the seconds of a recording that were reported, not those that could have been', () => {
  const upload = { bytes: 1_000_000, head: new Uint8Array(), isChunked: false };
  const result = estimateUpload(upload, termsOf('openai.audio/transcriptions', 'whisper-1'));
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

it('charges nothing for what is free', () => {
  expect(charge({}, estimateOf('google.countTokens', 'gemini-2.5-flash', {}))).toMatchObject({
    kind: 'reported',
    nanoUsd: 0n,
  });
});
