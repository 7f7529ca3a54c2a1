import type { Upstream } from './upstreams.js';

/**
 * Names that the vendor points at one model or another, with all that they may stand for: the present one first. The
 * price of the dearest of these is set aside. A name that moves has to be extended here before the vendor moves it to a model
 * that costs more, and nothing needs to be taken out.
 *
 * OpenAI: https://developers.openai.com/api/docs/models
 * Google: https://ai.google.dev/gemini-api/docs/models ("Latest") and .../changelog. `text-embedding-004` and
 * `embedding-001` were free and are shut down; their successor's price bounds whatever answers to the names.
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
};
