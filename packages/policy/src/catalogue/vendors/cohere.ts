import type { UpstreamEntry } from '../upstream-entry.js';

/**
 * Cohere's API for OpenAI's SDKs. A stream reports its usage if `stream_options` asks for it. Cohere bills no more
 * tokens than the usage reports. Embeddings have neither `dimensions` nor `user`: Cohere refuses requests with these.
 */
export const cohere = {
  name: 'cohere',
  label: 'Cohere',
  baseUrl: 'https://api.cohere.ai',
  interfaces: [
    {
      dialect: 'openai',
      roots: ['/v1', '/compatibility/v1'],
      upstreamRoot: '/compatibility/v1',
      keyHeader: 'authorization',
      operations: ['openai.chat/completions', 'openai.embeddings', 'openai.models.list', 'openai.models.get'],
      modelsWithoutThinking: '^(command-(a-03-2025|r)|c4ai-)',
      chat: { outputLimit: 'max_tokens' },
    },
  ],
  keysPage: 'https://dashboard.cohere.com/api-keys',
  // The list of models is only in Cohere's own API.
  keyCheck: { path: '/v1/models' },
  keyPrefixes: [],
  priceList: 'cohere',
  listedModels: {
    rules: [
      ['^embed-v4', 'embeddings'],
      ['-\\d\\d-20\\d\\d$', 'plainChat'],
    ],
    windows: [
      ['^command-a-', 256_000],
      ['^command-r', 128_000],
    ],
  },
  billing: {},
  sources: [
    'https://docs.cohere.com/docs/compatibility-api',
    'https://github.com/cohere-ai/cohere-developer-experience/pull/606',
    'https://docs.cohere.com/docs/models',
    'https://cohere.com/pricing',
  ],
} as const satisfies UpstreamEntry;
