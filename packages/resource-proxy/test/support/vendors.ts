import type { Usage } from '@aipassport/policy';

/**
 * How a vendor is called and how it answers, according to its documentation. The `sources` of the vendor's entry in
 * packages/policy/src/catalogue/vendors/ have the addresses of the documentation.
 */
export interface Vendor {
  readonly model: string;
  /** The path at the vendor. */
  readonly path: string;
  /** The name of the output limit that the vendor reads. */
  readonly limit: 'max_tokens' | 'max_completion_tokens';
  /** The usage of an answer, in the form that the vendor documents. */
  readonly usage: Record<string, unknown>;
  /** What that usage means. */
  readonly means: Usage;
  /** What the vendor says that it charged. */
  readonly charged?: bigint;
  /** Whether the proxy asks for the usage of a stream, and whether the client sees it unasked. */
  readonly stream: { readonly isAsked: boolean; readonly isShown: boolean };
  /** Whether a stream reports the usage in its last chunk with a choice. Otherwise it does so in a separate chunk. */
  readonly reportsUsageInLastChoice?: true;
  /** Members whose cost is not known before the request is sent. Requests with these members are refused. */
  readonly refused: readonly Record<string, unknown>[];
  /** Vendor-specific members that change no price. */
  readonly harmless: Record<string, unknown>;
  /** Embeddings, if the vendor offers them in OpenAI's format. */
  readonly embeddings?: {
    readonly model: string;
    readonly path: string;
    /** Members with which the vendor is asked for fewer dimensions. */
    readonly smaller: Record<string, unknown>;
    readonly usage: Record<string, unknown>;
    readonly means: Usage;
  };
  /** An error in the vendor's form. */
  readonly error: { readonly status: number; readonly body: unknown; readonly message: string };
}

export const vendors: Readonly<Record<string, Vendor>> = {
  mistral: {
    model: 'mistral-large-2512',
    path: '/v1/chat/completions',
    limit: 'max_tokens',
    usage: { prompt_tokens: 16, completion_tokens: 34, total_tokens: 50, prompt_tokens_details: { cached_tokens: 4 } },
    means: { inputTokens: 12, cacheReadTokens: 4, outputTokens: 34 },
    stream: { isAsked: false, isShown: true },
    reportsUsageInLastChoice: true,
    refused: [],
    harmless: { safe_prompt: true, random_seed: 7 },
    embeddings: {
      model: 'mistral-embed',
      path: '/v1/embeddings',
      smaller: { output_dimension: 256, output_dtype: 'int8' },
      usage: { prompt_tokens: 15, completion_tokens: 0, total_tokens: 15, prompt_audio_seconds: null },
      means: { inputTokens: 15 },
    },
    error: {
      status: 400,
      body: { object: 'error', message: 'Invalid temperature', type: 'invalid_request_error', code: '3051' },
      message: 'Invalid temperature',
    },
  },
  groq: {
    model: 'llama-3.3-70b-versatile',
    path: '/openai/v1/chat/completions',
    limit: 'max_completion_tokens',
    usage: {
      queue_time: 0.037,
      prompt_tokens: 18,
      prompt_time: 0.0006,
      completion_tokens: 556,
      completion_time: 0.46,
      total_tokens: 574,
      total_time: 0.463,
    },
    means: { inputTokens: 18, outputTokens: 556 },
    stream: { isAsked: true, isShown: false },
    refused: [
      { compound_custom: { tools: { enabled_tools: ['web_search'] } } },
      { search_settings: { country: 'france' } },
      { documents: [{ text: 'A document' }] },
      { tools: [{ type: 'browser_search' }] },
      { service_tier: 'performance' },
    ],
    harmless: { reasoning_format: 'parsed' },
    error: {
      status: 400,
      body: { error: { message: 'Failed to call a function', type: 'invalid_request_error', code: 'tool_use_failed' } },
      message: 'Failed to call a function',
    },
  },
  deepseek: {
    model: 'deepseek-v4-flash',
    path: '/v1/chat/completions',
    limit: 'max_tokens',
    usage: {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_cache_hit_tokens: 64,
      prompt_cache_miss_tokens: 36,
      completion_tokens_details: { reasoning_tokens: 15 },
    },
    means: { inputTokens: 36, cacheReadTokens: 64, outputTokens: 20 },
    stream: { isAsked: true, isShown: false },
    reportsUsageInLastChoice: true,
    refused: [],
    harmless: { thinking: { type: 'disabled' } },
    error: {
      status: 422,
      body: { error: { message: 'Invalid value for top_p', type: 'invalid_request_error', param: null, code: null } },
      message: 'Invalid value for top_p',
    },
  },
  xai: {
    model: 'grok-4.3',
    path: '/v1/chat/completions',
    limit: 'max_completion_tokens',
    usage: {
      prompt_tokens: 32,
      completion_tokens: 9,
      total_tokens: 135,
      prompt_tokens_details: { text_tokens: 32, audio_tokens: 0, image_tokens: 0, cached_tokens: 6 },
      completion_tokens_details: { reasoning_tokens: 94, audio_tokens: 0 },
      num_sources_used: 0,
    },
    means: { inputTokens: 26, cacheReadTokens: 6, outputTokens: 103 },
    stream: { isAsked: true, isShown: false },
    reportsUsageInLastChoice: true,
    refused: [
      { search_parameters: { mode: 'auto' } },
      { web_search_options: {} },
      { deferred: true },
      { tools: [{ type: 'live_search' }] },
    ],
    harmless: { search_parameters: { mode: 'off' } },
    error: {
      status: 400,
      body: { code: 'Client specified an invalid argument', error: 'This model does not support `stop`.' },
      message: 'This model does not support `stop`.',
    },
  },
  openrouter: {
    model: 'anthropic/claude-haiku-4.5',
    path: '/api/v1/chat/completions',
    limit: 'max_completion_tokens',
    usage: {
      prompt_tokens: 194,
      completion_tokens: 2,
      total_tokens: 196,
      cost: 0.00019_3301,
      is_byok: false,
      cost_details: {
        upstream_inference_cost: 0.00019_3301,
        upstream_inference_prompt_cost: 0.00018_3301,
        upstream_inference_completions_cost: 0.00001,
      },
      prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 100, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
    means: { inputTokens: 94, cacheWriteTokens: 100, outputTokens: 2 },
    charged: 193_301n,
    stream: { isAsked: true, isShown: true },
    refused: [
      { models: ['openai/gpt-4o'] },
      { plugins: [{ id: 'web' }] },
      { web_search_options: { search_context_size: 'high' } },
      { preset: 'mine' },
      { route: 'fallback' },
      { tools: [{ type: 'openrouter:web_search' }] },
      {
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
        ],
      },
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } }],
          },
        ],
      },
    ],
    harmless: { reasoning: { effort: 'low' }, provider: { order: ['anthropic'], allow_fallbacks: false } },
    error: {
      status: 429,
      body: { error: { code: 429, message: 'Rate limited by the host', metadata: { provider_name: 'Anthropic' } } },
      message: 'Rate limited by the host',
    },
  },
  together: {
    model: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
    path: '/v1/chat/completions',
    limit: 'max_tokens',
    usage: { prompt_tokens: 27, completion_tokens: 12, total_tokens: 39, cached_tokens: 0 },
    means: { inputTokens: 27, outputTokens: 12 },
    stream: { isAsked: true, isShown: false },
    refused: [{ safety_model: 'Meta-Llama/Llama-Guard-7b' }],
    harmless: { top_k: 40, repetition_penalty: 1 },
    error: {
      status: 422,
      body: { error: { message: 'Input validation error', type: 'invalid_request_error', param: null, code: null } },
      message: 'Input validation error',
    },
  },
  fireworks: {
    model: 'accounts/fireworks/models/kimi-k2p5',
    path: '/inference/v1/chat/completions',
    limit: 'max_tokens',
    usage: {
      prompt_tokens: 1_024,
      completion_tokens: 40,
      total_tokens: 1_064,
      prompt_tokens_details: { cached_tokens: 1_000 },
    },
    means: { inputTokens: 24, cacheReadTokens: 1_000, outputTokens: 40 },
    stream: { isAsked: true, isShown: false },
    refused: [{ service_tier: 'priority' }],
    harmless: { top_k: 50, context_length_exceeded_behavior: 'truncate' },
    embeddings: {
      model: 'nomic-ai/nomic-embed-text-v1.5',
      path: '/inference/v1/embeddings',
      smaller: { dimensions: 256 },
      usage: { prompt_tokens: 12, total_tokens: 12 },
      means: { inputTokens: 12 },
    },
    error: {
      status: 404,
      body: { error: { object: 'error', type: 'invalid_request_error', code: 'NOT_FOUND', message: 'No such model' } },
      message: 'No such model',
    },
  },
  cerebras: {
    model: 'gpt-oss-120b',
    path: '/v1/chat/completions',
    limit: 'max_completion_tokens',
    usage: {
      prompt_tokens: 38,
      completion_tokens: 60,
      total_tokens: 98,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 31 },
    },
    means: { inputTokens: 38, outputTokens: 60 },
    stream: { isAsked: true, isShown: false },
    refused: [{ service_tier: 'priority' }],
    harmless: { disable_reasoning: true },
    error: {
      status: 400,
      body: { message: 'Stop sequences are too long', type: 'invalid_request_error', param: 'stop', code: 'wrong_api' },
      message: 'Stop sequences are too long',
    },
  },
  cohere: {
    model: 'command-a-03-2025',
    path: '/compatibility/v1/chat/completions',
    limit: 'max_tokens',
    usage: { prompt_tokens: 7, completion_tokens: 21, total_tokens: 28 },
    means: { inputTokens: 7, outputTokens: 21 },
    stream: { isAsked: true, isShown: false },
    refused: [],
    harmless: { seed: 7 },
    embeddings: {
      model: 'embed-v4.0',
      path: '/compatibility/v1/embeddings',
      smaller: {},
      usage: { prompt_tokens: 9, total_tokens: 9 },
      means: { inputTokens: 9 },
    },
    error: {
      status: 400,
      body: { id: 'f9c1', message: 'invalid request: temperature is too high' },
      message: 'temperature is too high',
    },
  },
};
