import { expect, it } from '@jest/globals';
import {
  type BodyOperationId,
  chargeProduced,
  createPriceCatalogue,
  type Estimate,
  estimateCall,
  type JsonObject,
} from '../../src/index.js';

const catalogue = createPriceCatalogue();

function estimate(
  body: JsonObject,
  operationId: BodyOperationId = 'openai.chat/completions',
  model = 'gpt-4o-mini',
): Estimate {
  const upstream = operationId.startsWith('openai') ? 'openai' : 'anthropic';
  const price = catalogue.findPrice(upstream, model, new Date('2026-11-01'));
  const limits = catalogue.findLimits(upstream, model);
  if (price === undefined || limits === undefined) throw new Error('there is no price');
  const result = estimateCall(body, { operationId, price, limits });
  if (!result.ok) throw new Error(result.refusal.driver);
  return result.estimate;
}

const messages = [{ role: 'user', content: 'Hello' }];
const chat = estimate({ messages, max_tokens: 10_000 });
const produced = (outputTokens: number) => ({
  outputTokens,
  reported: undefined,
  hiddenSeconds: 0,
  silentSeconds: 0,
});

// The ids at the beginning of titles are rows of docs/security.md.
it('U2: the charge is the input, the received output, and the output that may have been in transit', () => {
  const cost = (tokens: number) => chargeProduced(chat, chat.worstCaseNanoUsd, produced(tokens)) ?? 0n;
  const input = chat.worstCaseNanoUsd - 10_000n * 600n;
  expect(cost(100)).toBe(input + (100n + 256n) * 600n);
  expect(cost(101) - cost(100)).toBe(600n);
});

it('U2: the charge grows with the time since the last piece, because the model may have continued', () => {
  const cost = (silentSeconds: number) =>
    chargeProduced(chat, chat.worstCaseNanoUsd, { ...produced(100), silentSeconds }) ?? 0n;
  expect(cost(10) - cost(0)).toBe(2_560n * 600n);
  expect(cost(1_000)).toBe(chat.worstCaseNanoUsd);
});

it('U2: the charge is never above the reservation or the longest possible answer', () => {
  expect(chargeProduced(chat, 1_000n, produced(100))).toBe(1_000n);
  expect(chargeProduced(chat, chat.worstCaseNanoUsd, produced(1_000_000))).toBe(chat.worstCaseNanoUsd);
});

it('U2: the charge includes output in transit for each of several answers', () => {
  const two = estimate({ messages, max_tokens: 10_000, n: 2 });
  const input = two.worstCaseNanoUsd - 20_000n * 600n;
  expect(chargeProduced(two, two.worstCaseNanoUsd, produced(100))).toBe(input + (100n + 2n * 256n) * 600n);
});

it('U2: the charge uses the reported input, and the reported output if it is larger', () => {
  const reported = { inputTokens: 9, outputTokens: 500 };
  expect(chargeProduced(chat, chat.worstCaseNanoUsd, { ...produced(100), reported })).toBe(9n * 150n + 756n * 600n);
});

it('the charge is only the input and the received output if the answer was complete or the vendor broke it off', () => {
  const input = chat.worstCaseNanoUsd - 10_000n * 600n;
  const ended = { ...produced(100), silentSeconds: undefined };
  expect(chargeProduced(chat, chat.worstCaseNanoUsd, ended)).toBe(input + 100n * 600n);
  expect(chargeProduced(chat, chat.worstCaseNanoUsd, { ...ended, outputTokens: 0 })).toBe(input);
});

it('U3: the charge grows with the time in which a model may have produced hidden thinking, up to the longest possible answer', () => {
  const input = chat.worstCaseNanoUsd - 10_000n * 600n;
  const hidden = (hiddenSeconds: number) =>
    chargeProduced(chat, chat.worstCaseNanoUsd, { ...produced(100), silentSeconds: undefined, hiddenSeconds });
  expect(hidden(2)).toBe(input + 2_148n * 600n);
  expect(hidden(10)).toBe(chat.worstCaseNanoUsd);
});

it('U3: the charge includes the highest cost of the vendor’s tools, and is unknown for an answer that is not text', () => {
  const tools = [{ type: 'web_search' }];
  const body = { input: 'Hello', max_output_tokens: 1_000, tools };
  const searching = estimate(body, 'openai.responses', 'gpt-4.1');
  const unwritten = searching.worstCaseNanoUsd - 1_000n * 8_000n;
  const reported = { inputTokens: 9, outputTokens: 1 };
  const ended = { ...produced(10), silentSeconds: undefined };
  for (const seen of [ended, { ...ended, reported }])
    expect(chargeProduced(searching, searching.worstCaseNanoUsd, seen)).toBe(unwritten + 10n * 8_000n);
  const picture = estimate({ prompt: 'a dog', n: 1 }, 'openai.images/generations', 'gpt-image-1');
  expect(chargeProduced(picture, picture.worstCaseNanoUsd, produced(10))).toBeUndefined();
});

it('U3: the charge includes the audio of the input if the reported usage does not separate it from text', () => {
  const { price } = estimate({ messages, max_tokens: 1 }, 'openai.chat/completions', 'gpt-4o-mini-audio-preview');
  const heard = { ...chat, price, inputs: [{ inputTokens: 9, outputTokens: 0, inputAudioTokens: 320 }] };
  const cut = { ...produced(100), reported: { inputTokens: 329, outputTokens: 5 } };
  expect(chargeProduced(heard, chat.worstCaseNanoUsd, cut)).toBe(9n * 150n + 320n * 10_000n + 356n * 600n);
  expect(chargeProduced(chat, chat.worstCaseNanoUsd, cut)).toBe(329n * 150n + 356n * 600n);
});

it('the charge is only the input if the model writes no text, or if only input is billed', () => {
  const spoken = estimate({ input: 'x'.repeat(100) }, 'openai.audio/speech', 'tts-1');
  expect(chargeProduced(spoken, spoken.worstCaseNanoUsd, produced(0))).toBe(1_500_000n);
});
