import { createUpstreamCatalogue } from '@aipassport/policy';
import { describe, expect, it } from '@jest/globals';
import { createMeter } from '../../src/metering/create-meter.js';
import { findMetering } from '../../src/metering/metering-table.js';
import { OutputCounter } from '../../src/metering/output-counter.js';
import { showsThinking } from '../../src/metering/shows-thinking.js';
import { requireOperation } from './metering.js';

function count(operationId: string, ...events: readonly (object | string)[]): number | undefined {
  const counter = new OutputCounter(findMetering(requireOperation(operationId))?.output);
  for (const event of events) counter.count(Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)));
  return counter.isWhole ? counter.tokens : undefined;
}

const chatEvent = (delta: object, index = 0) => ({
  id: 'chatcmpl-1',
  choices: [{ index, delta, finish_reason: null }],
});

describe('the maximum number of tokens in the text of a stream', () => {
  it.each([
    ['a text', chatEvent({ content: 'Hello' }), 5],
    ['a text that is longer in UTF-8', chatEvent({ content: 'Grüße 🙂' }), 12],
    ['a text with escapes, counted as they are written', '{"choices":[{"delta":{"content":"\\"a\\"\\n"}}]}', 7],
    ['a text that ends with an escaped backslash', '{"choices":[{"delta":{"content":"\\\\"},"x":"yyyy"}]}', 2],
    ['a role without a text, which counts as one token', chatEvent({ role: 'assistant' }), 1],
    ['two choices', { choices: [{ delta: { content: 'one' } }, { delta: { content: 'three' } }] }, 8],
    [
      'a call of a tool: its name and its arguments',
      chatEvent({
        tool_calls: [{ index: 0, id: 'call_123', type: 'function', function: { name: 'add', arguments: '{}' } }],
      }),
      5,
    ],
    ['a refusal', chatEvent({ refusal: 'No' }), 2],
    ['a text that looks like a member named delta', chatEvent({ content: '"delta":"x"' }), 15],
    ['an event without a text', { choices: [], usage: { prompt_tokens: 1 } }, 0],
  ])('of OpenAI’s chat: %s', (_name, event, tokens) => {
    expect(count('openai.chat/completions', event)).toBe(tokens);
  });

  it('of OpenAI’s responses does not include the last events, since they repeat the text', () => {
    const tokens = count(
      'openai.responses',
      { type: 'response.output_item.added', item: { type: 'message' } },
      { type: 'response.output_text.delta', delta: 'Hello' },
      { type: 'response.output_text.done', text: 'Hello' },
      { type: 'response.function_call_arguments.delta', delta: '{"a":1}' },
    );
    expect(tokens).toBe(32 + 5 + String.raw`{\"a\":1}`.length);
    expect(
      count('openai.responses', { type: 'response.output_item.added', item: { type: 'reasoning' } }),
    ).toBeUndefined();
  });

  it('of Anthropic’s messages is unknown after a block begins that the stream does not show completely', () => {
    const begin = (type: string) => ({ type: 'content_block_start', index: 0, content_block: { type } });
    const text = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } };
    expect(count('anthropic.messages', begin('text'), text)).toBe(32 + 5);
    expect(count('anthropic.messages', begin('tool_use'), text)).toBe(32 + 5);
    for (const type of ['thinking', 'redacted_thinking', 'server_tool_use', 'web_search_tool_result'])
      expect([type, count('anthropic.messages', begin(type), begin('text'), text)]).toEqual([type, undefined]);
  });

  it('is unknown for an operation whose streams contain no text', () => {
    expect(count('openai.audio/speech', { delta: 'abc' })).toBeUndefined();
  });
});

it('after an event that is too large to read, the output is unknown', () => {
  const meter = createMeter({ operationId: 'anthropic.messages', hidesUsage: false, showsThinking: true });
  meter.start('text/event-stream');
  const event = (text: string) =>
    Buffer.from(`data: ${JSON.stringify({ type: 'content_block_delta', delta: { type: 'text_delta', text } })}\n\n`);
  meter.feed(event('Hello'));
  expect(meter.readSeen()).toMatchObject({ outputTokens: 5, textBytes: 5, mayHide: false, reported: undefined });
  meter.feed(event('x'.repeat(1_100_000)));
  expect(meter.readSeen()).toMatchObject({ mayHide: true });
});

const operationOf = (upstream: string) =>
  createUpstreamCatalogue().operations.find((operation) => operation.upstream === upstream);

it('OpenAI’s models that reason, and all unknown ones, may think without showing it', () => {
  const shows = (upstream: 'openai' | 'anthropic' | 'google', id: string) =>
    showsThinking({ match: { operation: operationOf(upstream) }, model: { id } } as Parameters<
      typeof showsThinking
    >[0]);
  for (const id of ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1-nano', 'gpt-4', 'ft:gpt-4o-mini-2024-07-18:acme::1'])
    expect([id, shows('openai', id)]).toEqual([id, true]);
  for (const id of ['gpt-5', 'gpt-5.1-codex', 'gpt-6-sol', 'o1', 'o3-mini', 'gpt-40', 'my-own', 'xgpt-4o'])
    expect([id, shows('openai', id)]).toEqual([id, false]);
  expect([shows('anthropic', 'claude-haiku-4-5'), shows('google', 'gemini-2.5-flash')]).toEqual([true, false]);
});
