import type { UpstreamEntry } from './upstream-entry.js';
import { anthropic } from './vendors/anthropic.js';
import { cerebras } from './vendors/cerebras.js';
import { cohere } from './vendors/cohere.js';
import { deepseek } from './vendors/deepseek.js';
import { fireworks } from './vendors/fireworks.js';
import { google } from './vendors/google.js';
import { groq } from './vendors/groq.js';
import { mistral } from './vendors/mistral.js';
import { openai } from './vendors/openai.js';
import { openrouter } from './vendors/openrouter.js';
import { together } from './vendors/together.js';
import { xai } from './vendors/xai.js';

export type { Upstream, UpstreamEntry, UpstreamInterface } from './upstream-entry.js';

/** The upstreams that every instance has, in the order in which people see them. */
export const builtInUpstreams = [
  openai,
  anthropic,
  google,
  mistral,
  groq,
  deepseek,
  xai,
  openrouter,
  together,
  fireworks,
  cerebras,
  cohere,
] as const satisfies readonly UpstreamEntry[];
export type BuiltInUpstream = (typeof builtInUpstreams)[number]['name'];

/** Whether the text is a word that can be part of a path, a scope and the name of a variable. */
export function isUpstreamName(text: string): boolean {
  return /^[a-z][a-z0-9]{1,31}$/.test(text);
}
