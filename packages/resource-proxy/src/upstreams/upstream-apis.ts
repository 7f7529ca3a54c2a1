import type { Dialect } from '@aipassport/policy';
import { anthropic } from './anthropic/anthropic.js';
import { google } from './google/google.js';
import { openai } from './openai/openai.js';
import type { UpstreamApi, UpstreamApiOf } from './upstream-api.js';

const apis: { readonly [D in Dialect]: UpstreamApiOf<D> } = { openai, anthropic, google };

export const upstreamApis: Readonly<Record<Dialect, UpstreamApi>> = apis;
