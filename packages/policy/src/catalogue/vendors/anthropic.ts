import { operationsOf } from '../../operations/dialect-operations.js';
import type { UpstreamEntry } from '../upstream-entry.js';

export const anthropic = {
  name: 'anthropic',
  label: 'Anthropic',
  baseUrl: 'https://api.anthropic.com',
  interfaces: [
    { dialect: 'anthropic', roots: ['/v1'], keyHeader: 'x-api-key', operations: operationsOf('anthropic') },
    { dialect: 'openai', roots: ['/v1'], keyHeader: 'authorization', operations: ['openai.chat/completions'] },
  ],
  keysPage: 'https://console.anthropic.com/settings/keys',
  keyCheck: { headers: { 'anthropic-version': '2023-06-01' } },
  keyPrefixes: ['sk-ant-api'],
  refusedKeys: [
    ...['sk-ant-oat', 'sk-ant-ort', 'sk-ant-sid'].map((prefix) => ({ prefix, isSubscription: true }) as const),
    { prefix: 'sk-ant-' },
  ],
  priceList: 'anthropic',
  hasBareNames: true,
  billing: {
    writesCacheWhenAsked: true,
    // A container costs $0.05 an hour, for at least five minutes
    // (https://docs.claude.com/en/docs/about-claude/pricing).
    codeSession: { usd: 0.05 / 12, seconds: 300 },
  },
} as const satisfies UpstreamEntry;
