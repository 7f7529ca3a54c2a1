import type { BodyRules } from '../upstream-api.js';
import { dropWrittenFiles } from './drop-written-files.js';

const conversation = [
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'cache_control',
];

const messages: BodyRules = {
  fields: new Set([
    ...conversation,
    'max_tokens',
    'stream',
    'stop_sequences',
    'temperature',
    'top_k',
    'top_p',
    'metadata',
    'service_tier',
  ]),
  stored: { container: [null], thread: [null] },
  integers: { max_tokens: [0, 1_000_000], top_k: [0, 1_000_000] },
  // `auto` uses priority capacity that the owner has bought, and standard capacity otherwise.
  values: { stream: [true, false, null], service_tier: ['auto', 'standard_only'] },
  adjust: dropWrittenFiles,
};

const countTokens: BodyRules = { fields: new Set(conversation), adjust: dropWrittenFiles };

export const anthropicRules: Readonly<Record<string, BodyRules>> = {
  'anthropic.messages': messages,
  'anthropic.messages/count_tokens': countTokens,
};
