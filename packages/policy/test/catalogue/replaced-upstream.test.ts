import { expect, it } from '@jest/globals';
import { createModelCatalogue, createPriceCatalogue, parsePriceOverrides, readUpstreamUrls } from '../../src/index.js';

const groq = {
  name: 'groq',
  label: 'Our Groq',
  base_url: 'https://groq.example',
  dialect: 'openai',
  operations: ['chat/completions'],
};
const model = {
  upstream: 'groq',
  id: 'ours-70b',
  capabilities: ['chat'],
  context_window: 8_192,
  max_output_tokens: 4_096,
  prices: { input_mtok: 1, output_mtok: 2 },
};

it('an operator’s entry replaces the built-in entry of the same name, with its URL and its models', () => {
  const parsed = parsePriceOverrides(JSON.stringify({ upstreams: [groq], models: [model] }));
  if (!parsed.ok) throw new Error(parsed.message);
  const catalogue = createModelCatalogue(parsed.overrides);
  expect(catalogue.upstreams.entries.filter(({ name }) => name === 'groq')).toMatchObject([{ label: 'Our Groq' }]);
  expect(catalogue.models.filter(({ upstream }) => upstream === 'groq').map(({ id }) => id)).toEqual(['ours-70b']);
  expect(catalogue.find('groq', 'llama-3.3-70b-versatile')).toBeUndefined();
  const urls = readUpstreamUrls({ GROQ_BASE_URL: 'https://api.groq.com' }, catalogue.upstreams.entries);
  expect(urls).toContainEqual({ name: 'groq', baseUrl: 'https://groq.example' });
  const prices = createPriceCatalogue(parsed.overrides);
  expect(prices.findPrice('groq', 'ours-70b', new Date())?.rates.outputTokens?.picoUsd).toBe(2_000_000n);
  expect(prices.findPrice('groq', 'llama-3.3-70b-versatile', new Date())).toBeUndefined();
});

it.each(['openai', 'anthropic', 'google'])(
  '%s, whose models have names without an upstream, is not replaced',
  (name) => {
    const parsed = parsePriceOverrides(JSON.stringify({ upstreams: [{ ...groq, name }] }));
    expect(parsed).toEqual({ ok: false, message: 'upstreams[0].name is taken' });
  },
);

it('an entry takes each member that it lacks from the upstream that `like` names', () => {
  const eu = { name: 'xaieu', like: 'xai', label: 'xAI in Europe', base_url: 'https://eu.x.example' };
  const local = { name: 'ours', like: 'vllm', base_url: 'http://vllm.internal:8000' };
  const parsed = parsePriceOverrides(JSON.stringify({ upstreams: [eu, local] }));
  expect(parsed).toMatchObject({
    ok: true,
    overrides: {
      upstreams: [
        {
          name: 'xaieu',
          priceList: 'x-ai',
          keyPrefixes: ['xai-'],
          interfaces: [{ chat: { usageReport: 'thinking_beside' } }],
        },
        { name: 'ours', label: 'vLLM', baseUrl: 'http://vllm.internal:8000', isFree: true },
      ],
    },
  });
});

it.each([
  [{ ...groq, like: 'nobody' }, 'upstreams[0].like must be one of openai, anthropic, google, '],
  [{ name: 'plain', like: 'groq', base_url: 'http://groq.internal' }, 'upstreams[0].base_url must be an https URL'],
  [{ name: 'nameless', base_url: 'https://a.example' }, 'upstreams[0].label is missing'],
])('%j is refused', (entry, message) => {
  const parsed = parsePriceOverrides(JSON.stringify({ upstreams: [entry] }));
  expect(parsed).toEqual({ ok: false, message: expect.stringContaining(message) });
});
