import { expect, it } from '@jest/globals';
import { type ModelOperationId, modelFieldTables, type PricedBodyOf } from '../../src/fields/field-tables.js';
import type { GenerationConfig } from '../../src/money/estimate/google/output-limit.js';
import { estimateOf, refusalOf } from './terms.js';

/** Two values of a field: the second costs more than the first, or is refused. `others` is the rest of the body. */
type Example = readonly [cheap: unknown, dear: unknown, others?: Record<string, unknown>];

/** An example for each field that a table classes as costing. Without an example for each, this does not compile. */
type Examples<Names extends PropertyKey> = { readonly [Name in Names]: Example };

const short = 'Hello';
const long = 'Hello '.repeat(100);
const messages = (content: string) => [{ role: 'user', content }];
const contents = (text: string) => [{ role: 'user', parts: [{ text }] }];
const schema = (description: string) => ({ type: 'json_schema', schema: { type: 'object', description } });
const openaiTool = (description: string) => [{ type: 'function', function: { name: 'f', description } }];
const tool = (description: string) => [{ name: 'f', description, input_schema: { type: 'object' } }];
const search = { tools: [{ type: 'web_search' }] };

const pictures = {
  prompt: [short, long],
  size: ['1024x1024', '1536x1024'],
  n: [1, 2],
  partial_images: [0, 3],
  quality: ['low', 'high'],
  output_format: ['png', 'gif'],
  complexity: [undefined, 'high'],
  svg: [undefined, true],
  frame_count: [undefined, 2],
  frame_duration_ms: [undefined, 40],
} satisfies Examples<keyof PricedBodyOf<'openai.images/generations'>>;

const config: Examples<keyof GenerationConfig> = {
  responseSchema: [{ description: short }, { description: long }],
  responseJsonSchema: [{ description: short }, { description: long }],
  responseFormat: [{ description: short }, { description: long }],
  responseModalities: [['TEXT'], ['AUDIO']],
  speechConfig: [undefined, {}],
  imageConfig: [undefined, { imageSize: '4K' }],
  candidateCount: [1, 2],
  maxOutputTokens: [10, 20],
  routingConfig: [undefined, {}],
  modelSelectionConfig: [undefined, {}],
};

const generateContent: Examples<keyof PricedBodyOf<'google.generateContent'>> = {
  contents: [contents(short), contents(long)],
  systemInstruction: [contents(short)[0], contents(long)[0]],
  tools: [[], [{ functionDeclarations: [{ name: 'f', description: long }] }]],
  generationConfig: [{ maxOutputTokens: 10 }, { maxOutputTokens: 20 }],
  serviceTier: ['standard', 'priority'],
};

const examples: {
  readonly [Id in ModelOperationId]: readonly [model: string, Examples<keyof PricedBodyOf<Id>>];
} = {
  'openai.chat/completions': [
    'gpt-4o',
    {
      messages: [messages(short), messages(long)],
      tools: [openaiTool(short), openaiTool(long)],
      functions: [openaiTool(short), openaiTool(long)],
      response_format: [schema(short), schema(long)],
      prediction: [undefined, { type: 'content', content: long }],
      prompt_cache_options: [{ ttl: '30m' }, { ttl: '24h' }],
      n: [1, 2],
      max_tokens: [10, 20],
      max_completion_tokens: [10, 20],
      modalities: [['text'], ['text', 'audio']],
      service_tier: ['default', 'priority'],
      web_search_options: [undefined, {}],
      audio: [undefined, { voice: 'ash', format: 'mp3' }],
    },
  ],
  'openai.completions': [
    'gpt-4o',
    {
      prompt: [short, [short, short]],
      suffix: [short, long],
      max_tokens: [10, 20],
      n: [1, 2],
      best_of: [1, 2],
    },
  ],
  'openai.responses': [
    'gpt-5-mini',
    {
      input: [short, long],
      instructions: [short, long],
      tools: [[], search.tools],
      text: [{ format: schema(short) }, { format: schema(long) }],
      prompt_cache_options: [{ prewarm: false }, { prewarm: true }],
      max_output_tokens: [10, 20],
      max_tool_calls: [1, 2, search],
      service_tier: ['auto', 'priority'],
      context_management: [[], [{ type: 'compaction' }]],
      access_programs: [{ cyber: 'standard' }, { cyber: 'other' }],
    },
  ],
  'openai.responses/input_tokens': ['gpt-4o', {}],
  'openai.moderations': ['gpt-4o', {}],
  'openai.embeddings': ['text-embedding-3-small', { input: [short, long] }],
  'openai.images/generations': ['gpt-image-1', pictures],
  'openai.images/edits': [
    'gpt-image-1',
    { ...pictures, image: [1, 2], mask: [undefined, 1], markup: [undefined, 1], input_fidelity: ['low', 'high'] },
  ],
  'openai.images/edits.json': [
    'gpt-image-1',
    {
      ...pictures,
      images: [[{ image_url: 'x' }], [{ image_url: 'x' }, { image_url: 'y' }]],
      mask: [undefined, { image_url: 'x' }],
      input_fidelity: ['low', 'high'],
    },
  ],
  'openai.images/variations': ['gpt-image-1', { image: [1, 2], n: pictures.n, size: pictures.size }],
  'openai.audio/speech': [
    'gpt-4o-mini-tts',
    { input: [short, long], instructions: [short, long, { input: short }], speed: [1, 0.5, { input: short }] },
  ],
  'anthropic.messages': [
    'claude-sonnet-4-5',
    {
      messages: [messages(short), messages(long)],
      system: [short, long],
      tools: [tool(short), tool(long)],
      thinking: [undefined, { type: 'enabled', budget_tokens: 2_000 }, { max_tokens: 4_000 }],
      output_config: [{ format: schema(short) }, { format: schema(long) }],
      output_format: [schema(short), schema(long)],
      cache_control: [undefined, { type: 'ephemeral', ttl: '1h' }],
      context_management: [{ edits: [{ type: 'clear_thinking_20251015' }] }, { edits: [{ type: 'compact_20260112' }] }],
      compaction: [undefined, {}],
      service_tier: ['standard_only', 'priority'],
      speed: ['standard', 'fast'],
      inference_geo: ['global', 'us'],
      fallbacks: [[], [{ model: 'claude-opus-4-6' }]],
      billing_policy: [undefined, { type: 'billing_policy', bill_to: 'workspace' }],
      mcp_servers: [[], [{}]],
      max_tokens: [10, 20],
    },
  ],
  'anthropic.messages/count_tokens': [
    'claude-sonnet-4-5',
    {
      context_management: [{ edits: [{ type: 'clear_thinking_20251015' }] }, { edits: [{ type: 'compact_20260112' }] }],
      compaction: [undefined, {}],
      service_tier: ['standard_only', 'priority'],
      speed: ['standard', 'fast'],
      inference_geo: ['global', 'us'],
      fallbacks: [[], [{ model: 'claude-opus-4-6' }]],
      billing_policy: [undefined, { type: 'billing_policy', bill_to: 'workspace' }],
      mcp_servers: [[], [{}]],
    },
  ],
  'google.generateContent': ['gemini-2.5-flash', generateContent],
  'google.streamGenerateContent': ['gemini-2.5-flash', generateContent],
  'google.countTokens': ['gemini-2.5-flash', {}],
  'google.embedContent': [
    'gemini-embedding-001',
    { content: [{ parts: [{ text: short }] }, { parts: [{ text: long }] }], title: [short, long] },
  ],
  'google.batchEmbedContents': [
    'gemini-embedding-001',
    { requests: [[{ content: short }], [{ content: short }, { content: short }]] },
  ],
};

const rows = Object.entries(examples).flatMap(([operation, [model, fields]]) =>
  Object.entries(fields).map(([name, example]: [string, Example]) => ({ operation, model, name, example })),
);
const configRows = Object.entries(config).map(([name, [cheap, dear]]) => ({
  operation: 'google.generateContent',
  model: 'gemini-2.5-flash',
  name: 'generationConfig',
  example: [{ [name]: cheap }, { [name]: dear }] as const,
}));

it.each([...rows, ...configRows])(
  'the estimate of $operation reads `$name`: $example.1 costs more than $example.0, or is refused',
  ({ operation, model, name, example: [cheap, dear, others] }) => {
    const withValue = (value: unknown) => ({ ...others, ...(value !== undefined && { [name]: value }) });
    const { worstCaseNanoUsd, floorNanoUsd } = estimateOf(operation, model, withValue(cheap));
    if (refusalOf(operation, model, withValue(dear)) !== undefined) return;
    const dearer = estimateOf(operation, model, withValue(dear));
    expect([dearer.worstCaseNanoUsd > worstCaseNanoUsd, dearer.floorNanoUsd > floorNanoUsd]).toContain(true);
  },
);

it('a field that its table does not class as costing cannot be read by the estimate', () => {
  const body: PricedBodyOf<'openai.chat/completions'> = { n: 2 };
  expect(body.n).toBe(2);
  // @ts-expect-error the table classes `temperature` as harmless
  expect(body.temperature).toBeUndefined();
  expect(modelFieldTables['openai.chat/completions'].temperature.class).toBe('harmless');
});
