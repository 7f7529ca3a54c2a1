import { costOf, createPriceCatalogue, type Usage } from '@aipassport/policy';
import { describe, expect, it } from '@jest/globals';
import { calcPrice, extractUsage, findProvider } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { meter, meterJson } from './metering.js';

const chat = { prompt_tokens: 10, completion_tokens: 5 };
const response = { input_tokens: 10, output_tokens: 5 };
const metadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 };

it.each([
  ['openai.chat/completions', { usage: chat }, { inputTokens: 10, outputTokens: 5 }],
  [
    'openai.chat/completions',
    { usage: { ...chat, total_tokens: 15, prompt_tokens_details: null, completion_tokens_details: {} } },
    { inputTokens: 10, outputTokens: 5 },
  ],
  [
    'openai.chat/completions',
    {
      usage: {
        ...chat,
        prompt_tokens_details: { audio_tokens: 4, cached_tokens: 3, cache_write_tokens: 1 },
        completion_tokens_details: { audio_tokens: 2 },
      },
    },
    {
      inputTokens: 2,
      inputAudioTokens: 4,
      cacheReadTokens: 3,
      cacheWriteTokens: 1,
      outputTokens: 3,
      outputAudioTokens: 2,
    },
  ],
  [
    'openai.responses',
    {
      usage: response,
      output: [
        { type: 'code_interpreter_call', container_id: 'a' },
        { type: 'code_interpreter_call', container_id: 'b' },
      ],
    },
    { inputTokens: 10, outputTokens: 5, codeSessions: 2 },
  ],
  ['openai.embeddings', { usage: { prompt_tokens: 8, total_tokens: 8 } }, { inputTokens: 8 }],
  [
    'openai.images/generations',
    { usage: { ...response, output_tokens_details: { text_tokens: 1, image_tokens: 4 } } },
    { inputTokens: 10, outputImageTokens: 4, outputTokens: 1 },
  ],
  ['openai.audio/transcriptions', { usage: { type: 'duration', seconds: 3.01 } }, { audioSeconds: 4 }],
  ['openai.audio/transcriptions', { duration: '12.0', text: 'x' }, { audioSeconds: 12 }],
  [
    'openai.audio/transcriptions',
    { usage: { type: 'tokens', ...response } },
    { inputTokens: 0, inputAudioTokens: 10, outputTokens: 5 },
  ],
  [
    'anthropic.messages',
    { usage: { ...response, cache_creation_input_tokens: 4 } },
    { inputTokens: 10, cacheWrite1hTokens: 4, outputTokens: 5 },
  ],
  [
    'anthropic.messages',
    { usage: { input_tokens: 0, cache_read_input_tokens: 9, output_tokens: 0 } },
    { inputTokens: 0, cacheReadTokens: 9, outputTokens: 0 },
  ],
  [
    'anthropic.messages',
    {
      usage: response,
      content: [
        { type: 'server_tool_use', name: 'web_search' },
        { type: 'server_tool_use', name: 'code_execution' },
      ],
    },
    { inputTokens: 10, outputTokens: 5, codeSessions: 1, webSearches: 1 },
  ],
  ['anthropic.messages/count_tokens', { input_tokens: 7 }, {}],
  ['google.generateContent', { usageMetadata: metadata }, { inputTokens: 10, outputTokens: 5 }],
  [
    'google.generateContent',
    { usageMetadata: { promptTokenCount: 10 }, promptFeedback: { blockReason: 'SAFETY' } },
    { inputTokens: 10, outputTokens: 0 },
  ],
  [
    'google.generateContent',
    { usageMetadata: metadata, candidates: [{ groundingMetadata: { searchEntryPoint: {} } }] },
    { inputTokens: 10, outputTokens: 5 },
  ],
  ['google.countTokens', { totalTokens: 7 }, {}],
  ['google.embedContent', { usageMetadata: { promptTokenCount: 3 } }, { inputTokens: 3 }],
])('reads the usage of %s: %j', (operationId, answer, usage) => {
  expect(meterJson(operationId, answer)).toEqual({ trusted: true, usage });
});

const without = (usage: object, name: string) =>
  Object.fromEntries(Object.entries(usage).filter(([key]) => key !== name));

it.each([
  ['openai.chat/completions', {}, 'usage_missing'],
  ['openai.chat/completions', { usage: null }, 'usage_missing'],
  ['openai.chat/completions', { usage: {} }, 'usage_missing'],
  ['openai.chat/completions', { usage: without(chat, 'completion_tokens') }, 'usage_missing'],
  ['openai.chat/completions', { usage: { ...chat, completion_tokens: null } }, 'usage_missing'],
  ['openai.chat/completions', { usage: 15 }, 'usage_malformed'],
  ['openai.chat/completions', { usage: [chat] }, 'usage_malformed'],
  ['openai.chat/completions', { usage: { ...chat, prompt_tokens: '10' } }, 'usage_malformed'],
  ['openai.chat/completions', { usage: { ...chat, completion_tokens: -5 } }, 'usage_malformed'],
  ['openai.chat/completions', { usage: { ...chat, completion_tokens: 5.5 } }, 'usage_malformed'],
  ['openai.chat/completions', { usage: { ...chat, completion_tokens: 2 ** 60 } }, 'usage_malformed'],
  ['openai.chat/completions', { usage: { ...chat, completion_tokens: true } }, 'usage_malformed'],
  ['openai.chat/completions', { usage: { ...chat, prompt_tokens_details: [] } }, 'usage_malformed'],
  ['openai.chat/completions', { usage: { ...chat, prompt_tokens: 0 } }, 'usage_contradictory'],
  ['openai.chat/completions', { usage: { ...chat, total_tokens: 14 } }, 'usage_contradictory'],
  [
    'openai.chat/completions',
    { usage: { ...chat, prompt_tokens_details: { cached_tokens: 11 } } },
    'usage_contradictory',
  ],
  [
    'openai.chat/completions',
    { usage: { ...chat, completion_tokens_details: { reasoning_tokens: 6 } } },
    'usage_contradictory',
  ],
  ['openai.chat/completions', { service_tier: 'priority', usage: chat }, 'usage_contradictory'],
  ['openai.responses', { usage: response, output: 'all' }, 'usage_malformed'],
  ['openai.responses', { usage: { ...response, total_tokens: 150 } }, 'usage_contradictory'],
  ['openai.embeddings', { usage: { prompt_tokens: 0, total_tokens: 0 } }, 'usage_contradictory'],
  ['openai.images/generations', { data: [] }, 'usage_missing'],
  ['openai.images/generations', { usage: { ...response, output_tokens: 0 } }, 'usage_contradictory'],
  ['openai.audio/transcriptions', { text: 'x' }, 'usage_missing'],
  ['openai.audio/transcriptions', { usage: { type: 'duration', seconds: 0 } }, 'usage_contradictory'],
  ['openai.audio/transcriptions', { usage: { type: 'duration', seconds: -1 } }, 'usage_malformed'],
  ['openai.audio/transcriptions', { duration: 1e9 }, 'usage_malformed'],
  ['anthropic.messages', { usage: { input_tokens: 0, output_tokens: 5 } }, 'usage_contradictory'],
  ['anthropic.messages', { usage: without(response, 'output_tokens') }, 'usage_missing'],
  [
    'anthropic.messages',
    { usage: { ...response, cache_creation_input_tokens: 4, cache_creation: { ephemeral_5m_input_tokens: 5 } } },
    'usage_contradictory',
  ],
  ['anthropic.messages', { usage: { ...response, cache_read_input_tokens: '4' } }, 'usage_malformed'],
  ['anthropic.messages', { usage: { ...response, server_tool_use: 3 } }, 'usage_malformed'],
  ['anthropic.messages', { usage: { ...response, speed: 'fast' } }, 'usage_contradictory'],
  ['anthropic.messages', { usage: { ...response, inference_geo: 'us' } }, 'usage_contradictory'],
  ['google.generateContent', { usageMetadata: { candidatesTokenCount: 5 } }, 'usage_contradictory'],
  ['google.generateContent', { usageMetadata: { ...metadata, totalTokenCount: 16 } }, 'usage_contradictory'],
  [
    'google.generateContent',
    { usageMetadata: { ...metadata, promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 11 }] } },
    'usage_contradictory',
  ],
  ['google.generateContent', { usageMetadata: { ...metadata, promptTokensDetails: {} } }, 'usage_malformed'],
  ['google.generateContent', { usageMetadata: { ...metadata, promptTokenCount: '10' } }, 'usage_malformed'],
  ['google.embedContent', { embedding: {} }, 'usage_missing'],
])('does not trust the usage in an answer of %s such as %j', (operationId, answer, problem) => {
  expect(meterJson(operationId, answer)).toEqual({ trusted: false, problem });
});

describe('an answer that is not a stream', () => {
  const json = 'application/json';
  const text = JSON.stringify({ usage: chat });

  it('passes unchanged', () => {
    expect(meter('openai.chat/completions', [text.slice(0, 5), text.slice(5)], { contentType: json })).toEqual({
      passed: text,
      reading: { trusted: true, usage: { inputTokens: 10, outputTokens: 5 } },
    });
  });

  it.each(['', 'null', '[]', '"usage"', '{"usage":{"prompt_tokens":1', '<html>'])(
    'is not trusted when it is %j',
    (answer) => {
      expect(meter('openai.chat/completions', [answer], { contentType: json }).reading.trusted).toBe(false);
    },
  );

  it('is not trusted when it broke off', () => {
    expect(meter('openai.chat/completions', [text], { contentType: json, ends: false }).reading).toEqual({
      trusted: false,
      problem: 'answer_cut_off',
    });
  });

  it.each(['text/plain', 'text/html', ''])('has no trusted usage with the content type %j', (contentType) => {
    expect(meter('openai.audio/transcriptions', [text], { contentType }).reading).toEqual({
      trusted: false,
      problem: 'usage_missing',
    });
  });

  it('has its usage read wherever it is a member of the answer itself, even if the answer is very large', () => {
    const usage = { input_tokens: 10, output_tokens: 100, total_tokens: 110 };
    const data = [{ b64_json: 'A'.repeat(5_000_000) }];
    const read = (answer: unknown) => meterJson('openai.images/generations', answer);
    for (const answer of [
      { data, usage },
      { data, usage, size: 'auto' },
      { usage, data },
    ])
      expect(read(answer)).toEqual({ trusted: true, usage: { inputTokens: 10, outputImageTokens: 100 } });
    for (const answer of [
      { data, nested: { usage } },
      { data, list: [{ usage }] },
      { data, usage: 'x'.repeat(1_000) },
    ])
      expect(read(answer)).toMatchObject({ trusted: false });
    const embeddings = { data: Array.from({ length: 60_000 }, () => ({ embedding: [0.5, 1, 2] })) };
    const counted = { ...embeddings, usage: { prompt_tokens: 7, total_tokens: 7 } };
    expect(meterJson('openai.embeddings', counted)).toEqual({ trusted: true, usage: { inputTokens: 7 } });
  });
});

describe('the cost of a usage is the same as in the library that publishes the price list', () => {
  const now = new Date('2026-11-22T00:00:00Z');
  const prices = createPriceCatalogue();
  const count = fc.integer({ min: 1, max: 400_000 });
  const part = fc.nat({ max: 100_000 });
  const compare = (
    upstream: 'openai' | 'anthropic' | 'google',
    flavour: string,
    [operationId, modelId]: [string, string],
    answer: object,
  ) => {
    const provider = findProvider({ providerId: upstream });
    const price = prices.findPrice(upstream, modelId, now);
    const reading = meterJson(operationId, answer);
    if (provider === undefined || price === undefined || !reading.trusted) throw new Error(JSON.stringify(reading));
    const { usage } = extractUsage(provider, { model: modelId, modelVersion: modelId, ...answer }, flavour);
    const theirs = calcPrice(usage, modelId, { providerId: upstream, timestamp: now })?.total_price ?? Number.NaN;
    const ours = costOf(price, reading.usage);
    expect(Math.abs((ours.ok ? Number(ours.nanoUsd) / 1e9 : Number.NaN) - theirs)).toBeLessThan(2e-9);
  };

  it('for chat completions and responses', () => {
    fc.assert(
      fc.property(count, part, part, part, (text, cached, output, reasoning) => {
        const input = text + cached;
        const usage = {
          prompt_tokens: input,
          completion_tokens: output + reasoning,
          prompt_tokens_details: { cached_tokens: cached },
          completion_tokens_details: { reasoning_tokens: reasoning },
        };
        compare('openai', 'chat', ['openai.chat/completions', 'gpt-5.4'], { usage });
        const renamed = {
          input_tokens: input,
          output_tokens: output + reasoning,
          input_tokens_details: { cached_tokens: cached },
          output_tokens_details: { reasoning_tokens: reasoning },
        };
        compare('openai', 'responses', ['openai.responses', 'gpt-4.1'], { usage: renamed });
      }),
    );
  });

  it('for messages', () => {
    fc.assert(
      fc.property(
        count,
        part,
        part,
        part,
        part,
        fc.nat({ max: 9 }),
        (input, read, short, long, output, web_search_requests) => {
          const usage = {
            input_tokens: input,
            cache_read_input_tokens: read,
            cache_creation_input_tokens: short + long,
            cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long },
            output_tokens: output,
            server_tool_use: { web_search_requests },
          };
          compare('anthropic', 'default', ['anthropic.messages', 'claude-sonnet-4-5'], { usage });
        },
      ),
    );
  });

  it('for generated content', () => {
    fc.assert(
      fc.property(count, part, part, part, part, part, (text, audio, cachedText, cachedAudio, output, thoughts) => {
        const usageMetadata = {
          promptTokenCount: text + audio + cachedText + cachedAudio,
          cachedContentTokenCount: cachedText + cachedAudio,
          candidatesTokenCount: output,
          thoughtsTokenCount: thoughts,
          promptTokensDetails: [
            { modality: 'TEXT', tokenCount: text + cachedText },
            { modality: 'AUDIO', tokenCount: audio + cachedAudio },
          ],
          cacheTokensDetails: [
            { modality: 'TEXT', tokenCount: cachedText },
            { modality: 'AUDIO', tokenCount: cachedAudio },
          ],
        };
        compare('google', 'default', ['google.generateContent', 'gemini-2.5-flash'], { usageMetadata });
      }),
    );
  });

  it('for pictures', () => {
    fc.assert(
      fc.property(count, part, count, part, (text, images, pictures, words) => {
        const usage = {
          input_tokens: text + images,
          input_tokens_details: { text_tokens: text, image_tokens: images },
          output_tokens: pictures + words,
          output_tokens_details: { image_tokens: pictures, text_tokens: words },
        };
        compare('openai', 'images', ['openai.images/generations', 'gpt-image-1.5'], { usage });
      }),
    );
  });
});

it('never throws, and trusts only counts that are whole numbers and not negative', () => {
  const operations = [
    'openai.chat/completions',
    'openai.responses',
    'openai.embeddings',
    'openai.audio/transcriptions',
    'anthropic.messages',
    'google.generateContent',
  ];
  const names = [
    'usage',
    'usageMetadata',
    'prompt_tokens',
    'input_tokens',
    'output_tokens',
    'promptTokenCount',
    'promptTokensDetails',
    'output',
    'content',
    'candidates',
    'duration',
  ];
  const value = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.double(),
      fc.constant(null),
      fc.string(),
      fc.array(tie('node')),
      fc.dictionary(fc.constantFrom(...names), tie('node')),
    ),
  })).node;
  fc.assert(
    fc.property(fc.constantFrom(...operations), value, (operationId, answer) => {
      const reading = meterJson(operationId, answer);
      if (reading.trusted)
        expect(
          Object.values(reading.usage as Usage).every((counted) => Number.isSafeInteger(counted) && counted >= 0),
        ).toBe(true);
    }),
  );
});

describe('answers with a value for each token', () => {
  const many = Array.from({ length: 60_000 }, () => ({ token: 'a' }));
  const trusted = { trusted: true, usage: { inputTokens: 10, outputTokens: 5 } };

  // The ids at the beginning of titles are rows of docs/security.md.
  it('3.7: only the usage is parsed, since parsing the rest would block all requests', () => {
    const answer = { id: 'x', choices: [{ logprobs: { content: many } }], usage: chat, system_fingerprint: 'x' };
    expect(meterJson('openai.chat/completions', answer)).toEqual(trusted);
    const embeddings = {
      data: [{ embedding: Array.from({ length: 60_000 }, () => 0.5) }],
      usage: { prompt_tokens: 10 },
    };
    expect(meterJson('openai.embeddings', embeddings)).toEqual({ trusted: true, usage: { inputTokens: 10 } });
  });

  it('3.7: have no trusted usage if they contain items that have to be counted', () => {
    expect(meterJson('openai.responses', { output: many, usage: response })).toMatchObject({ trusted: false });
    expect(meterJson('anthropic.messages', { content: many, usage: response })).toMatchObject({ trusted: false });
    expect(meterJson('google.generateContent', { candidates: many, usageMetadata: metadata })).toMatchObject({
      trusted: false,
    });
  });

  it('3.7: pass unchanged in a stream, and their usage is not trusted', () => {
    const event = `data: ${JSON.stringify({ x: many, choices: [], usage: chat })}\n\n`;
    for (const hidesUsage of [true, false]) {
      const { passed, reading } = meter('openai.chat/completions', [event, 'data: [DONE]\n\n'], { hidesUsage });
      expect(passed).toBe(`${event}data: [DONE]\n\n`);
      expect(reading).toMatchObject({ trusted: false });
    }
  });
});
