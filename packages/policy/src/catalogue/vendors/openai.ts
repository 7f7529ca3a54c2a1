import { operationsOf } from '../../operations/dialect-operations.js';
import type { UpstreamEntry } from '../upstream-entry.js';

export const openai = {
  name: 'openai',
  label: 'OpenAI',
  baseUrl: 'https://api.openai.com',
  interfaces: [
    {
      dialect: 'openai',
      roots: ['/v1'],
      keyHeader: 'authorization',
      operations: operationsOf('openai'),
      // Models that are fine-tuned from these do not think either. All newer models think without showing it.
      modelsWithoutThinking: '^(?:ft:)?(?:gpt-3\\.5|gpt-4|chatgpt-4o)(?![0-9])',
    },
  ],
  keysPage: 'https://platform.openai.com/api-keys',
  keyPrefixes: ['sk-'],
  priceList: 'openai',
  hasBareNames: true,
  billing: {
    hasServiceTiers: true,
    // Flex tokens have the rates of the Batch API: half of the standard rates, for cached and other tokens
    // (https://platform.openai.com/docs/guides/flex-processing, https://platform.openai.com/docs/pricing "Flex").
    flex: { models: '^(o3|o4-mini)(-\\d|$)|^gpt-([5-9]|\\d\\d)', percentOfPrice: 50 },
    // A 1 GB container costs $0.03 for twenty minutes (https://platform.openai.com/docs/pricing, "Built-in tools").
    codeSession: { usd: 0.03, seconds: 1_200 },
    // A thousand searches cost $10. The price list has no price for searches of these models.
    searches: [{ models: '^(gpt-5|gpt-chat|o3-pro)', usd: 0.01 }],
    // https://platform.openai.com/docs/pricing, "Web search"
    searchContent: { models: '^gpt-(4o|4\\.1)-mini\\b(?!-search)', tokens: 8_000 },
  },
} as const satisfies UpstreamEntry;
