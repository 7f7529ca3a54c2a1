import type { Upstream } from '@aipassport/policy';
import { anthropic } from './anthropic/anthropic.js';
import { google } from './google/google.js';
import { openai } from './openai/openai.js';
import type { UpstreamApi } from './upstream-api.js';

export const upstreamApis: Readonly<Record<Upstream, UpstreamApi>> = { openai, anthropic, google };
