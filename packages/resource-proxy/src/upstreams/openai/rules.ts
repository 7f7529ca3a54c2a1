import { Denied } from '../../denials/denial.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import type { BodyRules } from '../upstream-api.js';
import { requireStatelessInput } from './stateless-items.js';

const flag: readonly JsonValue[] = [true, false, null];
const sampling = [
  'temperature',
  'top_p',
  'top_logprobs',
  'seed',
  'stop',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
];
const attribution = ['user', 'safety_identifier', 'metadata', 'prompt_cache_key', 'prompt_cache_retention'];

/** Standard processing only: `priority` costs more, and `flex` may answer minutes later. */
const serviceTiers = ['auto', 'default', null];
const outputTokens = [1, 1_000_000] as const;

const chatCompletions: BodyRules = {
  fields: new Set([
    'model',
    'messages',
    'stream',
    'stream_options',
    'n',
    'max_tokens',
    'max_completion_tokens',
    'tools',
    'tool_choice',
    'parallel_tool_calls',
    'functions',
    'function_call',
    'response_format',
    'reasoning_effort',
    'verbosity',
    'prediction',
    'web_search_options',
    'service_tier',
    'store',
    ...sampling,
    ...attribution,
  ]),
  stored: { store: [false, null] },
  integers: { n: [1, 10], max_tokens: outputTokens, max_completion_tokens: outputTokens, top_logprobs: [0, 20] },
  values: { stream: flag, service_tier: serviceTiers },
  adjust: (body, wishes) => {
    requireStreamOptions(body.stream_options, ['include_usage', 'include_obfuscation']);
    if (body.web_search_options !== undefined && body.web_search_options !== null) wishes.capabilities.add('tools.web');
  },
};

const responses: BodyRules = {
  fields: new Set([
    'model',
    'input',
    'instructions',
    'stream',
    'stream_options',
    'max_output_tokens',
    'max_tool_calls',
    'tools',
    'tool_choice',
    'parallel_tool_calls',
    'text',
    'reasoning',
    'truncation',
    'include',
    'service_tier',
    ...sampling,
    ...attribution,
  ]),
  stored: {
    store: [false, null],
    background: [false, null],
    previous_response_id: [null],
    conversation: [null],
    prompt: [null],
  },
  integers: { max_output_tokens: outputTokens, max_tool_calls: [1, 128], top_logprobs: [0, 20] },
  values: { stream: flag, service_tier: serviceTiers },
  adjust: (body) => {
    requireStreamOptions(body.stream_options, ['include_obfuscation']);
    requireStatelessInput(body);
    // The vendor's default is to store.
    body.store = false;
  },
};

/** Others may change how a stream tells its usage: compatible servers know more of them than the vendor does. */
function requireStreamOptions(options: JsonValue | undefined, known: readonly string[]): void {
  if (options === undefined || options === null) return;
  const isKnown =
    isJsonObject(options) &&
    Object.entries(options).every(([name, value]) => known.includes(name) && flag.includes(value ?? null));
  if (!isKnown) throw new Denied({ reason: 'field_invalid', field: 'stream_options' });
}

const embeddings: BodyRules = {
  fields: new Set(['model', 'input', 'dimensions', 'encoding_format', 'user']),
  integers: { dimensions: [1, 100_000] },
};

const imageGenerations: BodyRules = {
  fields: new Set([
    'model',
    'prompt',
    'n',
    'size',
    'quality',
    'style',
    'background',
    'moderation',
    'output_format',
    'output_compression',
    'response_format',
    'stream',
    'partial_images',
    'user',
    'safety_identifier',
  ]),
  integers: { n: [1, 10], partial_images: [0, 3], output_compression: [0, 100] },
  values: { stream: flag },
};

const speech: BodyRules = {
  fields: new Set(['model', 'input', 'voice', 'instructions', 'response_format', 'speed', 'stream_format']),
  adjust: ({ voice }: JsonObject) => {
    // A voice of one's own is given by the identifier that the vendor keeps it under.
    if (voice !== undefined && (typeof voice !== 'string' || voice.startsWith('voice_')))
      throw new Denied({ reason: 'stored_state_refused', field: 'voice' });
  },
};

export const openaiRules: Readonly<Record<string, BodyRules>> = {
  'openai.chat/completions': chatCompletions,
  'openai.responses': responses,
  'openai.embeddings': embeddings,
  'openai.images/generations': imageGenerations,
  'openai.audio/speech': speech,
};
