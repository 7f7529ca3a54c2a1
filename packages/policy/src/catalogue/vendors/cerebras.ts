import { harmless } from '../../fields/field.js';
import type { UpstreamEntry } from '../upstream-entry.js';

/** Thinking is part of the completion tokens. The tier `priority` costs more and is refused. */
export const cerebras = {
  name: 'cerebras',
  label: 'Cerebras',
  baseUrl: 'https://api.cerebras.ai',
  interfaces: [
    {
      dialect: 'openai',
      roots: ['/v1'],
      keyHeader: 'authorization',
      operations: ['openai.chat/completions', 'openai.models.list', 'openai.models.get'],
      modelsWithoutThinking: '^(llama|gemma)',
      chat: {
        outputLimit: 'max_completion_tokens',
        fields: {
          disable_reasoning: harmless('Whether the model answers without thinking.'),
          clear_thinking: harmless('Whether the thinking of earlier turns is left out.'),
          reasoning_format: harmless('How the answer shows the thinking.'),
        },
      },
    },
  ],
  keysPage: 'https://cloud.cerebras.ai',
  keyPrefixes: ['csk-'],
  priceList: 'cerebras',
  listedModels: {
    rules: [
      ['[/:]', undefined],
      ['', 'plainChat'],
    ],
  },
  billing: {},
  sources: [
    'https://inference-docs.cerebras.ai/api-reference/chat-completions',
    'https://inference-docs.cerebras.ai/resources/openai',
    'https://www.cerebras.ai/pricing',
  ],
} as const satisfies UpstreamEntry;
