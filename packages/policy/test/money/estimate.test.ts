import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  costOf,
  type Estimate,
  lowerOutputLimit,
  lowerToolCalls,
  models,
  totalTokens,
  withOutputLimit,
} from '../../src/index.js';
import { estimateOf, priceOf, refusalOf } from './terms.js';

const hello = [{ role: 'user', content: 'Hello' }];
const googleHello = [{ role: 'user', parts: [{ text: 'Hello' }] }];

describe('the output limit', () => {
  it.each([
    ['openai.chat/completions', 'gpt-4o', { messages: hello }, { max_completion_tokens: 16_384 }],
    ['openai.responses', 'gpt-5', { input: 'Hello' }, { max_output_tokens: 128_000 }],
    ['anthropic.messages', 'claude-opus-4-1', { messages: hello }, { max_tokens: 32_000 }],
    [
      'google.generateContent',
      'gemini-2.0-flash',
      { contents: googleHello },
      { generationConfig: { maxOutputTokens: 8_192 } },
    ],
  ])(
    'is the model’s for a request to %s without one, and is written into the request',
    (operation, model, body, written) => {
      const estimate = estimateOf(operation, model, body);
      expect(estimate.body).toMatchObject({ ...body, ...written });
      expect(estimate.output?.tokens).toBe(priceOf(model).limits.maxOutputTokens);
    },
  );

  it('is the model’s if the request has none; a share covers 4,096 tokens, or the request’s limit if that is smaller', () => {
    const shareOf = (limit: object) => {
      const estimate = estimateOf('openai.chat/completions', 'gpt-4o', { messages: hello, ...limit });
      // A million tokens cost $10, and the floor includes 16 tokens.
      return [estimate.output?.isOpen, (estimate.shareNanoUsd - estimate.floorNanoUsd) / 10_000n + 16n];
    };
    expect(shareOf({})).toEqual([true, 4_096n]);
    expect(shareOf({ max_tokens: 9_000 })).toEqual([false, 4_096n]);
    expect(shareOf({ max_tokens: 100 })).toEqual([false, 100n]);
  });

  it('is the larger one if a client sends both of OpenAI’s limits', () => {
    const body = { messages: hello, max_tokens: 10, max_completion_tokens: 300 };
    expect(estimateOf('openai.chat/completions', 'gpt-4o', body).output).toMatchObject({
      tokens: 300,
      leastTokens: 16,
    });
  });

  it('counts for each choice', () => {
    const body = { messages: hello, max_tokens: 100, n: 4 };
    const estimate = estimateOf('openai.chat/completions', 'gpt-4o', body);
    expect(totalTokens(estimate) - estimate.inputTokens).toBe(400);
    expect(withOutputLimit('openai.chat/completions', body, 90)).toEqual({ ...body, max_tokens: 22 });
    const google = { contents: googleHello, generation_config: { candidate_count: 3, max_output_tokens: 50 } };
    expect(estimateOf('google.generateContent', 'gemini-2.5-flash', google).output).toMatchObject({
      tokens: 50,
      choices: 3,
    });
    expect(withOutputLimit('google.generateContent', google, 61)).toEqual({
      contents: googleHello,
      generation_config: { candidate_count: 3, max_output_tokens: 20 },
    });
  });

  it('is left out if a long prompt might not leave room for it, because the vendor would refuse it', () => {
    const long = { messages: [{ role: 'user', content: 'x'.repeat(120_000) }] };
    const estimate = estimateOf('openai.chat/completions', 'gpt-4o', long);
    expect(estimate.body).not.toHaveProperty('max_completion_tokens');
    expect(estimate.output?.tokens).toBe(16_384);
  });

  it('has room for the smallest thinking budget; the request’s thinking budget is lowered only if it does not fit', () => {
    const body = { messages: hello, max_tokens: 20_000, thinking: { type: 'enabled', budget_tokens: 10_000 } };
    const estimate = estimateOf('anthropic.messages', 'claude-sonnet-4-5', body);
    expect(estimate.output?.leastTokens).toBe(1_040);
    expect(withOutputLimit('anthropic.messages', estimate.body, 1_040)).toMatchObject({
      max_tokens: 1_040,
      thinking: { type: 'enabled', budget_tokens: 1_024 },
    });
    expect(withOutputLimit('anthropic.messages', estimate.body, 15_000)).toMatchObject({
      thinking: { budget_tokens: 10_000 },
    });
  });

  it.each([-1, 0, 1_023, 1.5, '1024', 4_096, 5_000])(
    'of 4,096 tokens is refused with a thinking budget of %j',
    (budget) => {
      const body = { messages: hello, max_tokens: 4_096, thinking: { type: 'enabled', budget_tokens: budget } };
      expect(refusalOf('anthropic.messages', 'claude-sonnet-4-5', body)).toBe('thinking.budget_tokens: malformed');
    },
  );

  it('may be below the thinking budget if there are tools, because the budget can cover several answers', () => {
    const tools = [{ name: 'look', input_schema: { type: 'object' } }];
    const body = { messages: hello, max_tokens: 4_096, thinking: { type: 'enabled', budget_tokens: 8_000 }, tools };
    expect(refusalOf('anthropic.messages', 'claude-sonnet-4-5', body)).toBeUndefined();
  });

  it.each([-1, 1.5, '100', 1e7, true, [1]])('is refused when it is %j', (limit) => {
    expect(refusalOf('openai.chat/completions', 'gpt-4o', { messages: hello, max_tokens: limit })).toBe(
      'max_tokens: malformed',
    );
    expect(refusalOf('openai.responses', 'gpt-4o', { input: '', max_output_tokens: limit })).toBe(
      'max_output_tokens: malformed',
    );
    expect(refusalOf('anthropic.messages', 'claude-haiku-4-5', { messages: hello, max_tokens: limit })).toBe(
      'max_tokens: malformed',
    );
    expect(
      refusalOf('google.generateContent', 'gemini-2.5-pro', {
        contents: [],
        generationConfig: { maxOutputTokens: limit },
      }),
    ).toBe('maxOutputTokens: malformed');
  });

  it('is refused if it is given in two spellings', () => {
    const generationConfig = { maxOutputTokens: 10, max_output_tokens: 10_000 };
    expect(refusalOf('google.generateContent', 'gemini-2.5-pro', { contents: [], generationConfig })).toBe(
      'maxOutputTokens: malformed',
    );
    expect(refusalOf('google.generateContent', 'gemini-2.5-pro', { generationConfig: {}, generation_config: {} })).toBe(
      'generationConfig: malformed',
    );
  });

  it.each([0, -1, 2.5, '2'])('is refused with %j choices', (n) => {
    expect(refusalOf('openai.chat/completions', 'gpt-4o', { messages: hello, n })).toBe('n: malformed');
  });
});

describe('a budget', () => {
  /** What the vendor could bill for the most input and this much output. */
  const worstCase = (estimate: Estimate, outputTokens: number): bigint => {
    const kind = estimate.output?.kind ?? 'outputTokens';
    const costs = estimate.inputs.map((input) => costOf(estimate.price, { ...input, [kind]: outputTokens }));
    return costs.reduce((most, cost) => (cost.ok && cost.nanoUsd > most ? cost.nanoUsd : most), 0n);
  };
  const operations = new Map([
    ['openai', 'openai.responses'],
    ['anthropic', 'anthropic.messages'],
    ['google', 'google.generateContent'],
  ]);
  const chat = models.filter(
    ({ upstream, capabilities, id }) =>
      operations.has(upstream) && capabilities.includes('chat') && !id.includes('moderation'),
  );

  it('gives as much output as it covers, and not one token more', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...chat),
        fc.string({ unit: 'binary', maxLength: 2_000 }),
        fc.integer({ min: 0, max: 200_000 }),
        fc.bigInt({ min: 0n, max: 3_000_000_000n }),
        ({ upstream, id }, content, limit, budget) => {
          const operation = operations.get(upstream) ?? '';
          const body = {
            messages: [{ role: 'user', content }],
            ...(upstream === 'google' ? {} : { max_tokens: limit, max_output_tokens: limit }),
          };
          const estimate = estimateOf(operation, id, body);
          const tokens = lowerOutputLimit(estimate, budget);
          if (tokens === undefined) return expect(budget).toBeLessThan(estimate.floorNanoUsd);
          expect(worstCase(estimate, tokens)).toBeLessThanOrEqual(budget);
          if (tokens < (estimate.output?.tokens ?? 0)) expect(worstCase(estimate, tokens + 1)).toBeGreaterThan(budget);
        },
      ),
    );
  });

  it('is divided evenly between several choices', () => {
    const operation = 'openai.chat/completions';
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.bigInt({ min: 0n, max: 400_000_000n }), (n, budget) => {
        const estimate = estimateOf(operation, 'gpt-4o', { messages: hello, n });
        const tokens = lowerOutputLimit(estimate, budget);
        if (tokens === undefined) return expect(budget).toBeLessThan(estimate.floorNanoUsd);
        const lowered = estimateOf(operation, 'gpt-4o', { ...withOutputLimit(operation, estimate.body, tokens) });
        expect((lowered.output?.tokens ?? 0) * n).toBe(tokens);
        expect(worstCase(estimate, tokens)).toBeLessThanOrEqual(budget);
      }),
    );
  });

  it('does not change a request that it covers fully', () => {
    const estimate = estimateOf('openai.responses', 'gpt-4o', { input: 'Hello', max_output_tokens: 50 });
    expect(lowerOutputLimit(estimate, estimate.worstCaseNanoUsd)).toBe(50);
    expect(lowerOutputLimit(estimate, estimate.worstCaseNanoUsd * 100n)).toBe(50);
    expect(lowerOutputLimit(estimate, estimate.floorNanoUsd)).toBe(16);
    expect(lowerOutputLimit(estimate, estimate.floorNanoUsd - 1n)).toBeUndefined();
  });

  it('covers an operation without an output limit fully or not at all', () => {
    const estimate = estimateOf('openai.embeddings', 'text-embedding-3-small', { input: 'Hello' });
    expect(estimate.floorNanoUsd).toBe(estimate.worstCaseNanoUsd);
    expect(lowerOutputLimit(estimate, estimate.worstCaseNanoUsd)).toBe(0);
    expect(lowerOutputLimit(estimate, estimate.worstCaseNanoUsd - 1n)).toBeUndefined();
  });
});

describe('the input', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 });

  it('counts at least one token for each byte of all texts', () => {
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.array(tie('node')),
        fc.dictionary(text, tie('node')),
      ),
    })).node;
    const bytesOf = (value: unknown): number => {
      if (typeof value === 'string') return Buffer.byteLength(value);
      if (typeof value !== 'object' || value === null) return 1;
      return Object.entries(value).reduce(
        (sum, [key, child]) => sum + (Array.isArray(value) ? 0 : key.length) + bytesOf(child),
        0,
      );
    };
    fc.assert(
      fc.property(
        tree,
        fc.constantFrom('openai.responses', 'anthropic.messages', 'google.generateContent'),
        (content, operation) => {
          const model = { o: 'gpt-4.1', a: 'claude-opus-4-7', g: 'gemini-2.5-pro' }[operation[0] ?? ''] ?? '';
          const body = { contents: content, messages: content };
          const result = refusalOf(operation, model, body);
          if (result !== undefined) return;
          expect(estimateOf(operation, model, body).inputTokens).toBeGreaterThanOrEqual(bytesOf(content));
        },
      ),
    );
  });

  it('counts the normal form of a text if it is longer', () => {
    const estimate = (content: string) =>
      estimateOf('anthropic.messages', 'claude-haiku-4-5', { messages: [{ role: 'user', content }] });
    expect(estimate('\ufdfa'.repeat(1_000)).inputTokens).toBeGreaterThanOrEqual(33_000);
  });

  it('counts the JSON escapes of texts that the model reads as JSON', () => {
    const tools = (description: string) => [{ name: 'f', description, input_schema: { type: 'object' } }];
    const estimate = (description: string) =>
      estimateOf('anthropic.messages', 'claude-haiku-4-5', { messages: hello, tools: tools(description) });
    expect(estimate('é'.repeat(1_000)).inputTokens - estimate('').inputTokens).toBe(6_000);
  });

  it('is at most the model’s input limit', () => {
    const estimate = estimateOf('openai.chat/completions', 'gpt-4o', {
      messages: [{ role: 'user', content: 'x'.repeat(1_000_000) }],
    });
    expect(estimate.inputTokens).toBe(128_000);
  });

  const picture = 'iVBORw0KGgo'.padEnd(400_000, 'A');
  it.each([
    [
      'openai.chat/completions',
      'gpt-4o',
      {
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` } }] },
        ],
      },
      1_445,
    ],
    [
      'openai.chat/completions',
      'gpt-4o-mini',
      {
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] }],
      },
      48_169,
    ],
    ['openai.chat/completions', 'gpt-4o', { messages: [{ role: 'user', content: [{ image: picture }] }] }, 1_445],
    [
      'openai.responses',
      'gpt-5',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: `data:image/png;base64,${picture}` }] }] },
      1_190,
    ],
    [
      'anthropic.messages',
      'claude-haiku-4-5',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } }],
          },
        ],
      },
      1_600,
    ],
    [
      'anthropic.messages',
      'claude-opus-4-8',
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                content: [{ type: 'image', source: { type: 'url', url: 'https://example.com' } }],
              },
            ],
          },
        ],
      },
      4_784,
    ],
    [
      'google.generateContent',
      'gemini-3.5-flash',
      { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: picture } }] }] },
      2_240,
    ],
    [
      'google.generateContent',
      'gemini-2.5-flash',
      { contents: [{ parts: [{ inline_data: { mime_type: 'image/png', data: picture } }] }] },
      2_560,
    ],
  ])(
    'counts a picture in a request to %s with %s as the most tokens that it can have, and not by its bytes',
    (operation, model, body, tokens) => {
      const { inputTokens } = estimateOf(operation, model, body);
      expect(inputTokens).toBeGreaterThanOrEqual(tokens);
      expect(inputTokens).toBeLessThan(tokens + 600);
    },
  );

  const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0' } };
  it.each([
    [
      'openai.chat/completions',
      'gpt-4o',
      {
        messages: [
          { role: 'user', content: [{ type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERi0' } }] },
        ],
      },
      128_000,
    ],
    [
      'openai.responses',
      'gpt-4o',
      { input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'https://example.com/a.pdf' }] }] },
      128_000,
    ],
    [
      'openai.responses',
      'gpt-4o',
      { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] }] },
      128_000,
    ],
    ['anthropic.messages', 'claude-haiku-4-5', { messages: [{ role: 'user', content: [pdf] }] }, 200_000],
    [
      'anthropic.messages',
      'claude-haiku-4-5',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'document', source: { type: 'text', data: 'A. B.' }, citations: { enabled: true } }],
          },
        ],
      },
      200_000,
    ],
    [
      'google.generateContent',
      'gemini-2.5-flash',
      { contents: [{ parts: [{ inlineData: { mimeType: 'application/pdf', data: 'JVBERi0' } }] }] },
      1_048_576,
    ],
    [
      'google.generateContent',
      'gemini-2.5-flash',
      { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: 'JVBERi0' } }] }] },
      1_048_576,
    ],
    [
      'google.generateContent',
      'gemini-2.5-flash',
      { contents: [{ parts: [{ fileData: { fileUri: 'https://youtu.be/x' } }] }] },
      1_048_576,
    ],
  ])(
    'counts a document in a request to %s with %s as the model’s whole input limit',
    (operation, model, body, tokens) => {
      expect(estimateOf(operation, model, body).inputTokens).toBe(tokens);
    },
  );

  it('counts a plain-text document as text', () => {
    const document = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x'.repeat(500) } };
    const { inputTokens } = estimateOf('anthropic.messages', 'claude-haiku-4-5', {
      messages: [{ role: 'user', content: [document] }],
    });
    expect(inputTokens).toBeGreaterThan(500);
    expect(inputTokens).toBeLessThan(1_000);
  });

  it('is priced with the longest cache lifetime in the request', () => {
    const nanoUsd = (cache_control?: object) =>
      estimateOf('anthropic.messages', 'claude-haiku-4-5', {
        max_tokens: 0,
        messages: [
          {
            role: 'user',
            content: [{ type: 'text', text: 'x'.repeat(100_000), ...(cache_control && { cache_control }) }],
          },
        ],
      }).worstCaseNanoUsd;
    expect(Number(nanoUsd({ type: 'ephemeral' })) / Number(nanoUsd())).toBeCloseTo(1.25, 2);
    expect(Number(nanoUsd({ type: 'ephemeral', ttl: '1h' })) / Number(nanoUsd())).toBeCloseTo(2, 2);
  });
});

describe('tools that the vendor runs', () => {
  it.each([
    [
      'openai.responses',
      'gpt-5-mini',
      { input: 'x', tools: [{ type: 'web_search' }] },
      { max_tool_calls: 5 },
      5 * 0.01 + 6 * 128_000 * 0.25e-6,
    ],
    [
      'openai.responses',
      'gpt-5-mini',
      { input: 'x', max_tool_calls: 1, tools: [{ type: 'web_search' }] },
      { max_tool_calls: 1 },
      0.01 + 2 * 128_000 * 0.25e-6,
    ],
    [
      'openai.responses',
      'gpt-4o-mini',
      { input: 'x', max_tool_calls: 1, tools: [{ type: 'web_search' }] },
      {},
      0.01 + 8_000 * 0.15e-6 + 2 * 128_000 * 0.15e-6,
    ],
    [
      'openai.responses',
      'gpt-5-mini',
      { input: 'x', max_tool_calls: 1, tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] },
      {},
      3 * 0.03 + 2 * 400_000 * 0.25e-6,
    ],
    [
      'anthropic.messages',
      'claude-haiku-4-5',
      { messages: hello, tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      { tools: [{ max_uses: 5 }] },
      0.05 + 10 * 200_000e-6,
    ],
    [
      'anthropic.messages',
      'claude-haiku-4-5',
      { messages: hello, tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2 }] },
      {},
      0.02 + 10 * 200_000e-6,
    ],
    [
      'anthropic.messages',
      'claude-haiku-4-5',
      { messages: hello, tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] },
      {},
      0.05 + 10 * 200_000e-6,
    ],
    [
      'google.generateContent',
      'gemini-2.5-flash',
      { contents: googleHello, tools: [{ google_search: {} }] },
      {},
      0.035 + 6 * 1_048_576 * 0.3e-6,
    ],
    [
      'google.generateContent',
      'gemini-2.5-flash',
      { contents: googleHello, tools: { codeExecution: {} } },
      {},
      6 * 1_048_576 * 0.3e-6,
    ],
  ])(
    'at %s with %s cost a fee for each call, and the input of each round: %j',
    (operation, model, body, written, usd) => {
      const estimate = estimateOf(operation, model, body);
      const output = Number(estimate.worstCaseNanoUsd) / 1e9 - usd;
      const cost = costOf(estimate.price, { outputTokens: estimate.output?.tokens ?? 0 });
      expect(output).toBeCloseTo(cost.ok ? Number(cost.nanoUsd) / 1e9 : Number.NaN, 6);
      expect(estimate.body).toMatchObject(written);
    },
  );

  describe('and a budget', () => {
    const search = { type: 'web_search_20250305', name: 'web_search' };
    const requests = {
      'openai.responses': (calls: number, limit: number) => ({
        input: 'x',
        max_tool_calls: calls,
        max_output_tokens: limit,
        tools: [{ type: 'web_search' }],
      }),
      'anthropic.messages': (calls: number, limit: number) => ({
        messages: hello,
        max_tokens: limit,
        tools: [
          { ...search, max_uses: calls },
          { ...search, max_uses: 3 },
          { name: 'mine', input_schema: {} },
        ],
      }),
    };
    const modelsOf = { 'openai.responses': 'gpt-5-mini', 'anthropic.messages': 'claude-haiku-4-5' } as const;

    it.each(['openai.responses', 'anthropic.messages'] as const)(
      'that covers fewer calls of %s reduces the calls, then the answer; the request then costs no more than the budget',
      (operation) => {
        fc.assert(
          fc.property(
            fc.integer({ min: 1, max: 20 }),
            fc.integer({ min: 16, max: 100_000 }),
            fc.bigInt({ min: 0n, max: 3_000_000_000n }),
            (calls, limit, budget) => {
              const estimate = estimateOf(operation, modelsOf[operation], requests[operation](calls, limit));
              const fitted = lowerToolCalls(estimate, budget);
              const tokens = lowerOutputLimit(fitted, budget);
              expect(tokens === undefined).toBe(budget < estimate.floorNanoUsd);
              if (tokens === undefined) return;
              const sent = withOutputLimit(operation, fitted.body, tokens);
              const again = estimateOf(operation, modelsOf[operation], sent);
              expect(again.worstCaseNanoUsd).toBeLessThanOrEqual(budget);
              // The answer is shortened only after the calls were reduced to one.
              const { most = 0, limitedTo } = estimate.toolCalls ?? {};
              const given = again.toolCalls?.most ?? 0;
              if (tokens < limit) expect(given).toBe(1);
              else if (given < most) {
                const onceMore = estimateOf(operation, modelsOf[operation], limitedTo?.(given + 1).body ?? {});
                expect(onceMore.worstCaseNanoUsd).toBeGreaterThan(budget);
              }
            },
          ),
        );
      },
    );

    it('writes the number of calls that it covers into the request', () => {
      const openai = estimateOf('openai.responses', 'gpt-5-mini', requests['openai.responses'](5, 100));
      // two calls: their fees, and three rounds of 128,000 input tokens
      expect(lowerToolCalls(openai, 120_000_000n).body).toMatchObject({ max_tool_calls: 2, max_output_tokens: 100 });
      expect(lowerToolCalls(openai, openai.floorNanoUsd).body).toMatchObject({ max_tool_calls: 1 });
      const anthropic = estimateOf('anthropic.messages', 'claude-haiku-4-5', requests['anthropic.messages'](5, 100));
      expect(lowerToolCalls(anthropic, 2_045_000_000n).body.tools).toMatchObject([
        { max_uses: 2 },
        { max_uses: 2 },
        {},
      ]);
      expect(lowerToolCalls(anthropic, anthropic.worstCaseNanoUsd)).toBe(anthropic);
    });
  });

  it('repeat only the request and the output if they search only the request’s tools; tools that the client runs repeat nothing', () => {
    const estimate = estimateOf('anthropic.messages', 'claude-haiku-4-5', {
      messages: hello,
      max_tokens: 100,
      tools: [
        { type: 'tool_search_tool_regex_20251119', name: 'search' },
        { type: 'bash_20250124', name: 'bash' },
      ],
    });
    expect(estimate.inputTokens).toBeLessThan(50_000);
    const own = { messages: hello, tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] };
    expect(estimateOf('openai.chat/completions', 'gpt-4o', own).inputTokens).toBeLessThan(500);
  });
});

it.each([
  ['openai.chat/completions', 'gpt-4o', { service_tier: 'priority' }, 'service_tier: not_priced'],
  ['openai.chat/completions', 'gpt-4o', { modalities: ['text', 'audio'] }, 'modalities: not_priced'],
  ['openai.chat/completions', 'gpt-4o', { audio: { voice: 'ash', format: 'mp3' } }, 'audio: not_priced'],
  [
    'openai.chat/completions',
    'gpt-4o',
    { messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] },
    'audio: not_priced',
  ],
  [
    'openai.chat/completions',
    'gpt-4o',
    { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: '' } }] }] },
    'input_audio: not_priced',
  ],
  ['openai.chat/completions', 'o3-mini', { web_search_options: {} }, 'webSearches: not_priced'],
  ['openai.chat/completions', 'gpt-4o', { tools: 'all' }, 'tools: malformed'],
  ['openai.responses', 'gpt-4o', { prompt: { id: 'pmpt_1' } }, 'prompt: not_bounded'],
  ['openai.responses', 'gpt-4o', { tools: [{ type: 'image_generation' }] }, 'tools: not_priced'],
  ['openai.responses', 'gpt-4o', { tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] }, 'tools: not_priced'],
  ['openai.responses', 'gpt-4o', { tools: [{ type: 'mcp', server_url: 'https://example.com' }] }, 'tools: not_priced'],
  ['openai.responses', 'gpt-4o', { tools: [{ type: 'web_search_preview' }] }, 'web_search_preview: not_priced'],
  ['openai.responses', 'gpt-4o', { tools: [{ type: 'web_search' }], max_tool_calls: '1' }, 'max_tool_calls: malformed'],
  ['openai.responses', 'o3-mini', { tools: [{ type: 'web_search' }] }, 'webSearches: not_priced'],
  ['anthropic.messages', 'claude-haiku-4-5', { service_tier: 'priority' }, 'service_tier: not_priced'],
  ['anthropic.messages', 'claude-opus-4-6', { speed: 'fast' }, 'speed: not_priced'],
  ['anthropic.messages', 'claude-opus-4-6', { inference_geo: 'us' }, 'inference_geo: not_priced'],
  ['anthropic.messages', 'claude-opus-4-6', { mcp_servers: [{}] }, 'mcp_servers: not_priced'],
  ['anthropic.messages', 'claude-opus-4-6', { container: 'container_1' }, 'container: not_bounded'],
  ['google.generateContent', 'gemini-2.5-flash', { serviceTier: 'priority' }, 'serviceTier: not_priced'],
  ['google.generateContent', 'gemini-2.5-flash', { cachedContent: 'cachedContents/1' }, 'cachedContent: not_bounded'],
  [
    'google.generateContent',
    'gemini-2.5-flash',
    { generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } },
    'responseModalities: not_priced',
  ],
  [
    'google.generateContent',
    'gemini-2.5-flash',
    { generationConfig: { speech_config: {} } },
    'speechConfig: not_priced',
  ],
  ['google.generateContent', 'gemini-3-flash-preview', { tools: [{ googleSearch: {} }] }, 'googleSearch: not_bounded'],
  ['google.generateContent', 'gemini-2.5-flash', { tools: [{ googleMaps: {} }] }, 'tools: not_priced'],
  [
    'google.embedContent',
    'gemini-embedding-001',
    { content: { parts: [{ inlineData: { mimeType: 'image/png', data: '' } }] } },
    'inlineData: not_priced',
  ],
])(
  'refuses a request whose cost is unknown or has no upper bound: %s with %s and %j',
  (operation, model, body, refusal) => {
    expect(refusalOf(operation, model, body)).toBe(refusal);
  },
);

it('prices a prediction as output in addition to the whole answer, and writes no output limit into such a request', () => {
  const plain = estimateOf('openai.chat/completions', 'gpt-4o', { messages: hello });
  const prediction = { type: 'content', content: 'word '.repeat(1_000) };
  const predicted = estimateOf('openai.chat/completions', 'gpt-4o', { messages: hello, prediction });
  expect(predicted.body).not.toHaveProperty('max_completion_tokens');
  expect(predicted.worstCaseNanoUsd - plain.worstCaseNanoUsd).toBeGreaterThan(1_000n * 10_000n);
  expect(predicted.floorNanoUsd).toBe(predicted.worstCaseNanoUsd);
  const limited = { messages: hello, prediction, max_completion_tokens: 100 };
  const bounded = estimateOf('openai.chat/completions', 'gpt-4o', limited);
  expect(bounded.body).toMatchObject({ max_completion_tokens: 100, prediction });
  expect(bounded.worstCaseNanoUsd).toBeLessThan(plain.worstCaseNanoUsd);
});

it('prices the web search of a chat, which is missing from the reported usage', () => {
  const body = { messages: hello, n: 2, web_search_options: {} };
  const made = estimateOf('openai.chat/completions', 'gpt-4o-search-preview', body);
  expect(made.unreported).toEqual({ webSearches: 2 });
  expect(made.floorNanoUsd).toBeGreaterThan(50_000_000n);
  const unasked = estimateOf('openai.chat/completions', 'gpt-4o-search-preview', { messages: hello });
  expect(unasked.unreported).toEqual({ webSearches: 1 });
  const other = estimateOf('openai.chat/completions', 'gpt-4o', body);
  expect(other.unreported).toEqual({ webSearches: 2 });
  expect(other.inputTokens).toBeGreaterThan(128_000);
});

it('counts tools that the vendor runs, wherever they are in a request', () => {
  const search = { type: 'web_search' };
  const expected = estimateOf('openai.responses', 'gpt-5-mini', { input: [], tools: [search] });
  for (const body of [
    { input: [], tools: [{ type: 'namespace', name: 'n', tools: [search] }] },
    { input: [{ type: 'additional_tools', tools: [search] }] },
    { input: [{ type: 'tool_search_output', tools: [{ type: 'namespace', name: 'n', tools: [search] }] }] },
    { input: [], tools: [{ type: 'namespace', tools: [{ type: 'namespace', tools: [search] }] }] },
    { input: [{ type: 'message', role: 'user', content: 'x', tools: [search] }] },
    { input: [], tools: [{ type: 'web_search_2025_08_26' }] },
  ])
    expect(estimateOf('openai.responses', 'gpt-5-mini', body).inputs[0]?.webSearches).toBe(
      expected.inputs[0]?.webSearches,
    );
  const added = (definition: unknown) => ({
    max_tokens: 100,
    messages: [{ role: 'system', content: [{ type: 'tool_addition', tool: { type: 'tool_definition', definition } }] }],
  });
  const inputs = (body: Record<string, unknown>) =>
    estimateOf('anthropic.messages', 'claude-haiku-4-5', body).inputs[0];
  expect(inputs(added({ type: 'code_execution_20250825' }))?.codeSessions).toBeGreaterThan(0);
  const direct = [{ role: 'system', content: [{ type: 'tool_addition', tool: { type: 'code_execution_20250825' } }] }];
  expect(inputs({ max_tokens: 100, messages: direct })?.codeSessions).toBeGreaterThan(0);
  expect(inputs(added({ name: 'f' }))?.codeSessions).toBeUndefined();
  for (const type of ['code_execution', 'code_execution-20250825', 'code_execution_20250825'])
    expect(inputs({ max_tokens: 100, messages: [], tools: [{ type }] })?.codeSessions).toBeGreaterThan(0);
  expect(
    inputs({ max_tokens: 100, messages: [], tools: [{ type: 'web_search', name: 'web_search' }] })?.webSearches,
  ).toBe(5);
  for (const type of ['code_interpreter', 'code_interpreter_2025_08_26'])
    expect(
      estimateOf('openai.responses', 'gpt-5-mini', { input: [], tools: [{ type }] }).inputs[0]?.codeSessions,
    ).toBeGreaterThan(0);
  expect(refusalOf('anthropic.messages', 'claude-haiku-4-5', added({ type: 'web_search_20250305' }))).toBe(
    'messages: not_bounded',
  );
  const finder = { input: [], tools: [{ type: 'tool_search' }] };
  expect(estimateOf('openai.responses', 'gpt-5-mini', finder).body).toMatchObject({ max_tool_calls: 5 });
  const own = { input: [], tools: [{ type: 'tool_search', execution: 'client' }] };
  expect(estimateOf('openai.responses', 'gpt-5-mini', own).body).not.toHaveProperty('max_tool_calls');
});

it('refuses Google’s picture models in OpenAI’s format, whose usage does not distinguish pictures from text', () => {
  expect(refusalOf('openai.chat/completions', 'gemini-2.5-flash-image', { messages: hello })).toBe('model: not_priced');
});

it('writes the service tier into the request, because the owner’s project could have a more expensive default', () => {
  expect(estimateOf('openai.chat/completions', 'gpt-4o', { messages: hello }).body).toMatchObject({
    service_tier: 'default',
  });
  expect(estimateOf('openai.responses', 'gpt-4o', { input: '', service_tier: 'auto' }).body).toMatchObject({
    service_tier: 'default',
  });
});

it('does not change the given body', () => {
  const body = Object.freeze({ messages: Object.freeze(hello), tools: Object.freeze([]) });
  expect(estimateOf('anthropic.messages', 'claude-haiku-4-5', body).body).not.toBe(body);
  expect(body).toEqual({ messages: hello, tools: [] });
});

it.each(['anthropic.messages/count_tokens', 'google.countTokens'])('estimates no cost for %s', (operation) => {
  expect(estimateOf(operation, 'gpt-4o', { messages: hello })).toMatchObject({
    worstCaseNanoUsd: 0n,
    floorNanoUsd: 0n,
    inputTokens: 0,
  });
});
