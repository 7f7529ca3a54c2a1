import { harmless } from '../../fields/field.js';
import type { UpstreamEntry } from '../upstream-entry.js';

/**
 * DeepSeek reports cached input as `prompt_cache_hit_tokens`. Thinking is part of the completion tokens, and
 * `max_tokens` limits both. The names `deepseek-chat` and `deepseek-reasoner` are not served: they were switched off on
 * 24 July 2026, and the price list has only prices of the models that they referred to before.
 */
export const deepseek = {
  name: 'deepseek',
  label: 'DeepSeek',
  baseUrl: 'https://api.deepseek.com',
  interfaces: [
    {
      dialect: 'openai',
      roots: ['/v1'],
      keyHeader: 'authorization',
      operations: ['openai.chat/completions', 'openai.models.list', 'openai.models.get'],
      chat: {
        outputLimit: 'max_tokens',
        usageReport: 'cache_hits',
        fields: { thinking: harmless('Whether the model thinks. The thinking counts against the output limit.') },
      },
    },
  ],
  keysPage: 'https://platform.deepseek.com/api_keys',
  keyPrefixes: ['sk-'],
  priceList: 'deepseek',
  listedModels: { rules: [['^deepseek-v[4-9]', 'plainChat']] },
  billing: {},
  sources: [
    'https://api-docs.deepseek.com/api/create-chat-completion',
    'https://api-docs.deepseek.com/quick_start/pricing',
    'https://api-docs.deepseek.com/guides/kv_cache',
  ],
} as const satisfies UpstreamEntry;
