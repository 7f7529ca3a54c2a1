import { harmless, rate } from '../../fields/field.js';
import { onlyDefault } from '../../fields/field-rule.js';
import type { UpstreamEntry } from '../upstream-entry.js';

/**
 * xAI does not include thinking in the completion tokens, only in the total. `usage.cost_in_usd_ticks` is what the
 * vendor charged. A search is billed by its sources, so requests with one are refused.
 */
export const xai = {
  name: 'xai',
  label: 'xAI',
  baseUrl: 'https://api.x.ai',
  interfaces: [
    {
      dialect: 'openai',
      roots: ['/v1'],
      keyHeader: 'authorization',
      operations: ['openai.chat/completions', 'openai.models.list', 'openai.models.get'],
      modelsWithoutThinking: '^grok-(2|3|3-fast|[\\w.-]+-non-reasoning)(-latest|-beta|-\\d{4})?$',
      chat: {
        outputLimit: 'max_completion_tokens',
        usageReport: 'thinking_beside',
        fields: {
          search_parameters: rate(
            'A search by the provider, which is billed by its sources.',
            onlyDefault({ mode: 'off' }),
          ),
          web_search_options: rate('A search by the provider, which is billed by its sources.', onlyDefault()),
          deferred: rate('Whether the answer is fetched later. Its usage would not be seen.', onlyDefault(false)),
          bootstrap_host: rate('For the provider’s own use.', onlyDefault()),
          top_k: harmless('The number of most probable tokens from which the model samples.'),
        },
      },
    },
  ],
  keysPage: 'https://console.x.ai',
  // A wrong key is answered with 400 “Incorrect API key provided”.
  keyCheck: { refusals: [400, 401] },
  keyPrefixes: ['xai-'],
  priceList: 'x-ai',
  listedModels: {
    rules: [
      // Not served: models for speech, agents that run searches, and names that only other services use.
      ['voice|multi-agent|/|^grok-latest$', undefined],
      ['^grok-', 'plainChat'],
    ],
  },
  billing: {},
  sources: [
    'https://docs.x.ai/docs/api-reference#chat-completions',
    'https://docs.x.ai/developers/cost-tracking',
    'https://docs.x.ai/docs/models',
  ],
} as const satisfies UpstreamEntry;
