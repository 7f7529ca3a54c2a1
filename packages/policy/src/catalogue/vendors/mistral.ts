import { harmless } from '../../fields/field.js';
import { whole } from '../../fields/field-rule.js';
import type { UpstreamEntry } from '../upstream-entry.js';

/**
 * Mistral refuses members that it does not know, and has neither `max_completion_tokens` nor `stream_options`. The last
 * chunk of a stream has the usage. Thinking is part of the completion tokens.
 */
export const mistral = {
  name: 'mistral',
  label: 'Mistral AI',
  baseUrl: 'https://api.mistral.ai',
  interfaces: [
    {
      dialect: 'openai',
      roots: ['/v1'],
      keyHeader: 'authorization',
      operations: ['openai.chat/completions', 'openai.embeddings', 'openai.models.list', 'openai.models.get'],
      modelsWithoutThinking: '^(open-|codestral|devstral|pixtral|mixtral|ministral-(3b|8b)|mistral-(large|nemo|saba))',
      chat: {
        outputLimit: 'max_tokens',
        streamUsage: 'unasked',
        fields: {
          random_seed: harmless('A seed that makes the sampling repeatable.'),
          safe_prompt: harmless('Whether the provider adds a safety prompt before the conversation.'),
          prompt_mode: harmless('Whether the provider adds a prompt about thinking before the conversation.'),
        },
      },
      modelMembers: {
        chat: { type: 'base', capabilities: { completion_chat: true, function_calling: true } },
        embeddings: { type: 'base', capabilities: { completion_chat: false } },
      },
      embeddingsFields: {
        output_dimension: harmless('The number of dimensions of an embedding.', whole(1, 100_000)),
        output_dtype: harmless('The kind of the numbers.'),
      },
    },
  ],
  keysPage: 'https://console.mistral.ai/api-keys',
  keyPrefixes: [],
  priceList: 'mistral',
  listedModels: {
    rules: [
      // Not served: models that are billed by pages or seconds, and names that only other services use.
      ['ocr|voxtral|:|-instruct|^mistral-small-3', undefined],
      ['embed', 'embeddings'],
      ['-(latest|\\d{4})$|^mistral-medium-3-5$|^open-', 'plainChat'],
    ],
    names: ['magistral-medium-latest', 'magistral-small-latest'],
    // The larger windows are in the price list. Older models read at most 128k tokens.
    windows: [
      ['^(magistral|mistral-(large|medium|small)-2[345]0?|mistral-large-2411|pixtral|open-|mistral-saba)', 131_072],
    ],
  },
  billing: {},
  sources: [
    'https://docs.mistral.ai/api/#tag/chat',
    'https://docs.mistral.ai/api/#tag/embeddings',
    'https://docs.mistral.ai/getting-started/models/models_overview/',
    'https://mistral.ai/pricing#api-pricing',
  ],
} as const satisfies UpstreamEntry;
