import { harmless, rate } from '../../fields/field.js';
import { onlyDefault } from '../../fields/field-rule.js';
import type { UpstreamEntry } from '../upstream-entry.js';

/**
 * `safety_model` makes a second model check the conversation, at the price of that model. Embeddings are not served: their
 * answers report no usage.
 */
export const together = {
  name: 'together',
  label: 'Together AI',
  baseUrl: 'https://api.together.ai',
  interfaces: [
    {
      dialect: 'openai',
      roots: ['/v1'],
      keyHeader: 'authorization',
      operations: ['openai.chat/completions', 'openai.models.list', 'openai.models.get'],
      modelsWithoutThinking: '^(meta-llama|mistralai)/',
      chat: {
        outputLimit: 'max_tokens',
        fields: {
          safety_model: rate('A model that checks the conversation, at its own price.', onlyDefault()),
          top_k: harmless('The number of most probable tokens from which the model samples.'),
          min_p: harmless('The minimum probability of a token, relative to the highest probability.'),
          repetition_penalty: harmless('Lowers the probability of tokens already used.'),
          context_length_exceeded_behavior: harmless('Whether the answer is shortened to fit into the context window.'),
        },
      },
    },
  ],
  keysPage: 'https://api.together.ai/settings/api-keys',
  keyPrefixes: [],
  priceList: 'together',
  listedModels: {
    rules: [['^(meta-llama/(Llama-[34]|Meta-Llama-3)|mistralai/.*Instruct)', 'plainChat']],
    // The price list has no context windows. These are the largest context windows of the models of each generation;
    // the last row is for all other models.
    windows: [
      ['Llama-4', 1_048_576],
      ['', 131_072],
    ],
  },
  billing: {},
  sources: [
    'https://github.com/togethercomputer/openapi',
    'https://docs.together.ai/reference/chat-completions-1',
    'https://docs.together.ai/docs/serverless-models',
    'https://docs.together.ai/docs/openai-api-compatibility',
  ],
} as const satisfies UpstreamEntry;
