import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { requestUsage } from '../../src/metering/openai/request-usage.js';
import { cutAt, event, meter } from './metering.js';
import { chatCounts, chatPairs, streams } from './streams.js';

const chat = 'openai.chat/completions';
const places = fc.array(fc.nat(), { maxLength: 40 });

describe.each(streams)('a stream of $name', ({ operationId, contentType = 'text/event-stream', text, usage }) => {
  const answeredBy = operationId.startsWith('google.') ? { answeredBy: 'gemini-2.5-flash' } : {};
  const trusted = { trusted: true, usage, ...answeredBy };

  it('passes unchanged and its usage is read, wherever it is cut in two', () => {
    const bytes = Buffer.from(text);
    for (let place = 0; place <= bytes.length; place += 1) {
      const { passed, reading } = meter(operationId, [bytes.subarray(0, place), bytes.subarray(place)], {
        contentType,
      });
      if (passed !== text) throw new Error(`changed when cut at ${place}`);
      expect(reading).toEqual(trusted);
    }
  });

  it('passes unchanged and its usage is read, however it is cut', () => {
    fc.assert(
      fc.property(places, (cuts) => {
        expect(meter(operationId, cutAt(text, cuts), { contentType })).toEqual({ passed: text, reading: trusted });
      }),
    );
    const everyByte = cutAt(text, [...Buffer.from(text).keys()]);
    expect(meter(operationId, everyByte, { contentType })).toEqual({ passed: text, reading: trusted });
  });

  it('passes each chunk as it comes', () => {
    for (const chunk of cutAt(text, [10, 200, 333])) {
      expect(meter(operationId, [chunk], { contentType, ends: false }).passed).toBe(chunk.toString('utf8'));
    }
  });

  it('is not trusted if it ended early, even after its usage: more may have been used', () => {
    expect(meter(operationId, [text], { contentType, ends: false }).reading).toEqual({
      trusted: false,
      problem: 'answer_cut_off',
    });
  });

  it('is not trusted if it ended before its usage', () => {
    const bytes = Buffer.from(text);
    for (const part of [0, 1, 0.1, 0.5]) {
      const { reading } = meter(operationId, [bytes.subarray(0, Math.floor(part === 1 ? 1 : bytes.length * part))], {
        contentType,
        ends: false,
      });
      expect(reading.trusted).toBe(false);
    }
  });
});

describe.each(chatPairs)(
  'a chat whose usage was requested by the proxy and not by the client, with $name',
  ({ plain, withUsage }) => {
    const hidden = { passed: plain, reading: { trusted: true, usage: chatCounts } };

    it('comes out byte for byte as the client requested it, wherever it is cut in two', () => {
      const bytes = Buffer.from(withUsage);
      for (let place = 0; place <= bytes.length; place += 1) {
        const metered = meter(chat, [bytes.subarray(0, place), bytes.subarray(place)], { hidesUsage: true });
        if (metered.passed !== plain) throw new Error(`changed when cut at ${place}`);
        expect(metered.reading).toEqual(hidden.reading);
      }
    });

    it('comes out byte for byte as the client requested it, however it is cut', () => {
      fc.assert(
        fc.property(places, (cuts) => {
          expect(meter(chat, cutAt(withUsage, cuts), { hidesUsage: true })).toEqual(hidden);
        }),
      );
      expect(meter(chat, cutAt(withUsage, [...Buffer.from(withUsage).keys()]), { hidesUsage: true })).toEqual(hidden);
    });

    it('passes unchanged when the upstream reports no usage', () => {
      expect(meter(chat, [plain], { hidesUsage: true })).toEqual({
        passed: plain,
        reading: { trusted: false, problem: 'usage_missing' },
      });
    });

    it('passes every event as soon as it is whole', () => {
      const events = withUsage.split(/(?<=\n\r?\n)/);
      const seen = events.map(
        (_event, index) => meter(chat, [events.slice(0, index + 1).join('')], { hidesUsage: true, ends: false }).passed,
      );
      for (const [index, passed] of seen.entries())
        expect(plain.startsWith(passed) && passed.length >= (seen[index - 1] ?? '').length).toBe(true);
      expect(seen.at(-2)?.length).toBeGreaterThan(plain.length - 40);
    });
  },
);

it('keeps an event with choices, but without its usage member', () => {
  const chunk = { id: 'x', choices: [{ delta: { content: 'a' } }], usage: { prompt_tokens: 5, completion_tokens: 2 } };
  const { usage: _usage, ...plain } = chunk;
  expect(meter(chat, [event(chunk)], { hidesUsage: true })).toEqual({
    passed: event(plain),
    reading: { trusted: true, usage: { inputTokens: 5, outputTokens: 2 } },
  });
});

it('passes text that is not JSON unchanged', () => {
  const text = 'data: {"usage": oh\n\n"usage"\n\n: "usage"\n\n';
  expect(meter(chat, [text], { hidesUsage: true }).passed).toBe(text);
});

it('reads the last of several growing usages, and does not trust one that shrinks', () => {
  const usage = (prompt_tokens: number, completion_tokens: number) =>
    event({ choices: [], usage: { prompt_tokens, completion_tokens } });
  expect(meter(chat, [usage(5, 1), usage(5, 2), usage(5, 9)]).reading).toEqual({
    trusted: true,
    usage: { inputTokens: 5, outputTokens: 9 },
  });
  for (const last of [usage(5, 1), usage(1, 9)]) {
    expect(meter(chat, [usage(5, 2), last, usage(50, 90)]).reading).toEqual({
      trusted: false,
      problem: 'usage_contradictory',
    });
  }
});

describe('an event that is larger than the buffer', () => {
  const large = 'A'.repeat(1_200_000);
  const feed = (operationId: string, text: string, options = {}) =>
    meter(
      operationId,
      cutAt(
        text,
        Array.from({ length: 40 }, (_, index) => index * 40_001),
      ),
      options,
    );

  it('has its usage read if that is the last member', () => {
    const usage = { input_tokens: 10, output_tokens: 100, total_tokens: 110 };
    const { passed, reading } = feed(
      'openai.images/generations',
      event({ type: 'image_generation.completed', b64_json: large, usage }),
    );
    expect(passed.length).toBeGreaterThan(large.length);
    expect(reading).toEqual({ trusted: true, usage: { inputTokens: 10, outputImageTokens: 100 } });
  });

  it('passes, and the usage after it is still hidden and read', () => {
    const text = event({ choices: [{ delta: { content: large } }], usage: null });
    const rest = event({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } });
    expect(feed(chat, text + rest, { hidesUsage: true })).toEqual({
      passed: text,
      reading: { trusted: true, usage: { inputTokens: 1, outputTokens: 1 } },
    });
  });

  it.each([
    [
      'openai.responses',
      {
        type: 'response.completed',
        response: {
          output: [
            { type: 'web_search_call', action: { type: 'search' } },
            { type: 'message', content: [{ type: 'output_text', text: large }] },
          ],
          usage: { input_tokens: 1, output_tokens: 20_000, total_tokens: 20_001 },
          metadata: { note: 'x'.repeat(300) },
        },
      },
      { inputTokens: 1, outputTokens: 20_000, webSearches: 1 },
    ],
    [
      'google.streamGenerateContent',
      {
        candidates: [{ finishReason: 'STOP', content: { parts: [{ text: large }] } }],
        usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 20_000 },
      },
      { inputTokens: 1, outputTokens: 20_000 },
    ],
    [
      'openai.chat/completions',
      { usage: { prompt_tokens: 1, completion_tokens: 20_000 }, choices: [{ delta: { content: large } }] },
      { inputTokens: 1, outputTokens: 20_000 },
    ],
  ])('has its usage read at any place in the event: %s', (operationId, data, usage) => {
    for (const hidesUsage of operationId === chat ? [true, false] : [false])
      expect(feed(operationId, event(data), { hidesUsage }).reading).toEqual({ trusted: true, usage });
  });

  it('is skipped if it has no usage, and the events after it are read', () => {
    const begin = { type: 'content_block_start', content_block: { type: 'text', text: large } };
    const start = { type: 'message_start', message: { usage: { input_tokens: 1, output_tokens: 1 } } };
    const end = { type: 'message_delta', delta: {}, usage: { output_tokens: 9 } };
    expect(feed('anthropic.messages', event(start) + event(begin) + event(end)).reading).toEqual({
      trusted: true,
      usage: { inputTokens: 1, outputTokens: 9 },
    });
  });

  it('is not trusted if it has too many values', () => {
    const output = Array.from({ length: 20_000 }, (_, index) => ({
      type: 'message',
      id: `msg_${index}_${'x'.repeat(50)}`,
    }));
    const data = { type: 'response.completed', response: { output, usage: { input_tokens: 1, output_tokens: 1 } } };
    expect(feed('openai.responses', event(data)).reading).toEqual({ trusted: false, problem: 'answer_too_large' });
  });
});

it('an event whose type is a deeply nested list makes the usage untrusted, and causes no error', () => {
  const nested = `${'['.repeat(200_000)}"response.completed"${']'.repeat(200_000)}`;
  const { reading } = meter('openai.responses', [Buffer.from(`data: {"type":${nested}}\n\n`)]);
  expect(reading).toEqual({ trusted: false, problem: 'answer_cut_off' });
});

it('reads a hundred megabytes of one line in little time and memory', () => {
  const chunk = Buffer.alloc(65_536, '"usage":{');
  const before = process.memoryUsage().rss;
  const startedAt = performance.now();
  const { reading } = meter(
    chat,
    Array.from({ length: 1_600 }, () => chunk.subarray()).map(() => chunk),
    { ends: false },
  );
  expect(reading.trusted).toBe(false);
  // Linear time takes seconds; quadratic time would take hours.
  expect(performance.now() - startedAt).toBeLessThan(50_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(600 * 1_048_576);
});

describe('streamed pictures', () => {
  const pictures = 'openai.images/generations';
  const usage = { input_tokens: 10, output_tokens: 100, total_tokens: 110 };
  const completed = { type: 'image_generation.completed', b64_json: 'AAAA', usage };
  const summed = { inputTokens: 20, outputImageTokens: 200 };

  it.each(['{"type":"image_generation.completed","b64_json":"AAAA', '["image_generation.completed"]'])(
    'are not trusted if one of them cannot be read: %s',
    (broken) => {
      for (const text of [event(completed) + event(broken), event(broken) + event(completed)])
        expect(meter(pictures, [text]).reading).toEqual({ trusted: false, problem: 'usage_missing' });
    },
  );

  it('keep the cheaper tier only if all of them were made in it', () => {
    const flex = event({ ...completed, service_tier: 'flex' });
    expect(meter(pictures, [flex + flex]).reading).toEqual({ trusted: true, usage: summed, tier: 'flex' });
    for (const mixed of [flex + event(completed), event(completed) + flex])
      expect(meter(pictures, [mixed]).reading).toEqual({ trusted: true, usage: summed });
  });
});

it('requestUsage asks for the usage of a streamed chat if the client did not ask for it', () => {
  expect(requestUsage({ messages: [] })).toEqual({ body: { messages: [] }, hidesUsage: false });
  expect(requestUsage({ stream: false })).toEqual({ body: { stream: false }, hidesUsage: false });
  const asked = { stream: true, stream_options: { include_usage: true } };
  expect(requestUsage(asked)).toEqual({ body: asked, hidesUsage: false });
  for (const stream_options of [undefined, null, {}, { include_usage: false }, 'x']) {
    expect(requestUsage({ stream: true, stream_options })).toEqual({ body: asked, hidesUsage: true });
  }
  expect(requestUsage({ stream: true, stream_options: { include_obfuscation: false } }).body).toEqual({
    stream: true,
    stream_options: { include_obfuscation: false, include_usage: true },
  });
});
