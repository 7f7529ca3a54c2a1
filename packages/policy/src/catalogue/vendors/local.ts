import type { UpstreamEntry } from '../upstream-entry.js';

/**
 * Programs that serve models on a machine of the operator. An entry of the operator names one of them as `like`, and
 * gives its URL. Their models cost nothing unless the operator gives prices.
 */
export const localUpstreams: readonly UpstreamEntry[] = [
  // https://github.com/ollama/ollama/blob/main/docs/openai.md: the key is required and ignored.
  describe('ollama', 'Ollama', 'http://127.0.0.1:11434', 'max_tokens'),
  // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
  describe('vllm', 'vLLM', 'http://127.0.0.1:8000', 'max_completion_tokens'),
  // https://github.com/ggml-org/llama.cpp/tree/master/tools/server
  describe('llamacpp', 'llama.cpp', 'http://127.0.0.1:8080', 'max_tokens'),
  // https://lmstudio.ai/docs/developer/openai-compat
  describe('lmstudio', 'LM Studio', 'http://127.0.0.1:1234', 'max_tokens'),
];

function describe(
  name: string,
  label: string,
  baseUrl: string,
  outputLimit: 'max_tokens' | 'max_completion_tokens',
): UpstreamEntry {
  return {
    name,
    label,
    baseUrl,
    interfaces: [
      {
        dialect: 'openai',
        roots: ['/v1'],
        keyHeader: 'authorization',
        operations: ['openai.chat/completions', 'openai.embeddings', 'openai.models.list', 'openai.models.get'],
        chat: { outputLimit },
      },
    ],
    keyPrefixes: [],
    isFree: true,
    isInternal: true,
    billing: {},
  };
}
