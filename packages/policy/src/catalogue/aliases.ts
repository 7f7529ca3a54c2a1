import type { Upstream } from './upstreams.js';

/**
 * Names that the vendor can point at another model. Each has the list of all models that it may refer to, the current
 * one first. The reservation for a request assumes the most expensive of these models. Before the vendor moves a name
 * to a more expensive model, add that model here. Older models need not be removed.
 *
 * OpenAI: https://developers.openai.com/api/docs/models
 * Google: https://ai.google.dev/gemini-api/docs/models ("Latest") and .../changelog. `text-embedding-004` and
 * `embedding-001` were free and are shut down. If a model still answers to these names, it costs no more than their
 * successor.
 * Mistral: https://docs.mistral.ai/getting-started/models/models_overview/ ("API endpoint").
 */
export const aliases: Readonly<Record<Upstream, Readonly<Record<string, readonly string[]>>>> = {
  openai: { 'gpt-5.6': ['gpt-5.6-sol'] },
  anthropic: {},
  google: {
    'gemini-flash-latest': [
      'gemini-3.8-flash',
      'gemini-3.7-flash',
      'gemini-3.6-flash',
      'gemini-3.5-flash',
      'gemini-3-flash-preview',
      'gemini-2.5-flash',
    ],
    'gemini-flash-lite-latest': ['gemini-3.5-flash-lite', 'gemini-3.1-flash-lite', 'gemini-2.5-flash-lite'],
    'gemini-pro-latest': ['gemini-3.1-pro-preview', 'gemini-3-pro-preview', 'gemini-2.5-pro'],
    'gemini-1.5-flash-latest': ['gemini-1.5-flash'],
    'gemini-1.5-pro-latest': ['gemini-1.5-pro'],
    'gemini-embedding-2-preview': ['gemini-embedding-2'],
    'text-embedding-004': ['gemini-embedding-001'],
    'embedding-001': ['gemini-embedding-001'],
  },
  mistral: {
    'mistral-large-latest': ['mistral-large-2512'],
    'mistral-medium-latest': ['mistral-medium-3-5'],
    'mistral-small-latest': ['mistral-small-2603'],
    'ministral-14b-latest': ['ministral-14b-2512'],
    'ministral-8b-latest': ['ministral-8b-2512'],
    'ministral-3b-latest': ['ministral-3b-2512'],
    'codestral-latest': ['codestral-2508'],
    'devstral-latest': ['devstral-2512'],
  },
};
