import { harmless } from '../../fields/field.js';
import type { UpstreamEntry } from '../upstream-entry.js';

/**
 * Cached input is in `prompt_tokens_details`. The tier `priority` costs more and is refused. The price list has no
 * embedding models, so an operator gives their prices.
 */
export const fireworks = {
  name: 'fireworks',
  label: 'Fireworks AI',
  baseUrl: 'https://api.fireworks.ai',
  interfaces: [
    {
      dialect: 'openai',
      roots: ['/v1', '/inference/v1'],
      upstreamRoot: '/inference/v1',
      keyHeader: 'authorization',
      operations: ['openai.chat/completions', 'openai.embeddings', 'openai.models.list', 'openai.models.get'],
      chat: {
        outputLimit: 'max_tokens',
        fields: {
          top_k: harmless('The number of most probable tokens from which the model samples.'),
          min_p: harmless('The minimum probability of a token, relative to the highest probability.'),
          repetition_penalty: harmless('Lowers the probability of tokens already used.'),
          prompt_truncate_len: harmless('The length to which the conversation is shortened, in tokens.'),
          context_length_exceeded_behavior: harmless('Whether the answer is shortened to fit into the context window.'),
          thinking: harmless('Whether the model thinks. The thinking counts against the output limit.'),
        },
      },
    },
  ],
  keysPage: 'https://app.fireworks.ai/settings/users/api-keys',
  keyPrefixes: ['fw_'],
  priceList: 'fireworks',
  listedModels: { rules: [['^accounts/fireworks/', 'plainChat']] },
  billing: {},
  sources: [
    'https://docs.fireworks.ai/api-reference/post-chatcompletions',
    'https://docs.fireworks.ai/tools-sdks/openai-compatibility',
    'https://docs.fireworks.ai/api-reference/creates-an-embedding-vector-representing-the-input-text',
    'https://docs.fireworks.ai/serverless/pricing',
  ],
} as const satisfies UpstreamEntry;
