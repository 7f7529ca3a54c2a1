import { operationsOf } from '../../operations/dialect-operations.js';
import type { UpstreamEntry } from '../upstream-entry.js';

export const google = {
  name: 'google',
  label: 'Google',
  baseUrl: 'https://generativelanguage.googleapis.com',
  interfaces: [
    {
      dialect: 'google',
      // The SDK uses `v1` where the documentation has `v1beta`. `v1beta` offers everything that `v1` does.
      roots: ['/v1beta', '/v1'],
      keyHeader: 'x-goog-api-key',
      operations: operationsOf('google'),
    },
    {
      dialect: 'openai',
      roots: ['/v1beta/openai'],
      keyHeader: 'authorization',
      operations: ['openai.chat/completions', 'openai.embeddings', 'openai.models.list', 'openai.models.get'],
    },
  ],
  keysPage: 'https://aistudio.google.com/apikey',
  keyCheck: { refusals: [400, 401] },
  keyPrefixes: ['AIza', 'AQ.'],
  priceList: 'google',
  hasBareNames: true,
  billing: {
    // Half of the standard rates (https://ai.google.dev/gemini-api/docs/flex-inference).
    flex: { models: '^gemini-', percentOfPrice: 50 },
    // $35 for a thousand prompts that were answered with a search, up to Gemini 2.5
    // (https://ai.google.dev/gemini-api/docs/pricing). Newer models are billed for each query, and may make any number
    // of queries, so they have no entry.
    searches: [{ models: '^gemini-2\\.', usd: 0.035 }],
  },
} as const satisfies UpstreamEntry;
