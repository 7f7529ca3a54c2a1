import type { Dialect } from '@aipassport/policy';
import { anthropic } from './anthropic/anthropic.js';
import { google } from './google/google.js';
import { openai } from './openai/openai.js';
import type { UpstreamApi } from './upstream-api.js';

export const upstreamApis: Readonly<Record<Dialect, UpstreamApi>> = { openai, anthropic, google };
