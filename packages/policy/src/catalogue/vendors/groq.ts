import { harmless, rate } from '../../fields/field.js';
import { onlyDefault } from '../../fields/field-rule.js';
import type { UpstreamEntry } from '../upstream-entry.js';

/**
 * The `compound` systems run searches and code at their own price, so they are not served. `browser_search` of the
 * gpt-oss models is refused as an unknown tool.
 */
export const groq = {
  name: 'groq',
  label: 'Groq',
  baseUrl: 'https://api.groq.com',
  interfaces: [
    {
      dialect: 'openai',
      // The SDK of the vendor uses the second path.
      roots: ['/v1', '/openai/v1'],
      upstreamRoot: '/openai/v1',
      keyHeader: 'authorization',
      operations: ['openai.chat/completions', 'openai.models.list', 'openai.models.get'],
      modelsWithoutThinking: '^(llama|gemma|mixtral|mistral|meta-llama/|moonshotai/kimi-k2-instruct)',
      chat: {
        outputLimit: 'max_completion_tokens',
        fields: {
          reasoning_format: harmless('How the answer shows the thinking.'),
          include_reasoning: harmless('Whether the answer shows the thinking.'),
          disable_tool_validation: harmless('Whether calls of unknown tools are allowed in the answer.'),
          compound_custom: rate('The tools of the `compound` models.', onlyDefault()),
          search_settings: rate('Settings for the searches of the `compound` models.', onlyDefault()),
          documents: rate('Documents that the answer cites.', onlyDefault([])),
        },
      },
    },
  ],
  keysPage: 'https://console.groq.com/keys',
  keyPrefixes: ['gsk_'],
  priceList: 'groq',
  listedModels: {
    rules: [
      ['whisper|compound|tts', undefined],
      ['', 'plainChat'],
    ],
    windows: [
      ['^moonshotai/', 262_144],
      // The longest window of all other models of the vendor.
      ['', 131_072],
    ],
  },
  billing: {},
  sources: [
    'https://console.groq.com/docs/api-reference#chat-create',
    'https://console.groq.com/docs/models',
    'https://console.groq.com/docs/prompt-caching',
  ],
} as const satisfies UpstreamEntry;
