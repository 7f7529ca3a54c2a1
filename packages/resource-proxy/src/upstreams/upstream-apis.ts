import type { Dialect } from '@aipassport/policy';
import type { StoredState } from '../state/stored-state.js';
import { anthropic } from './anthropic/anthropic.js';
import { google } from './google/google.js';
import { openai } from './openai/openai.js';
import type { StatefulDialect, UpstreamApi, UpstreamApiOf } from './upstream-api.js';

const apis: { readonly [D in Dialect]: UpstreamApiOf<D> } = { openai, anthropic, google };

export const upstreamApis: Readonly<Record<Dialect, UpstreamApi>> = apis;

/** Gets the formats of stored objects in a dialect that has operations on them. */
export function getStoredState(dialect: StatefulDialect): StoredState {
  return apis[dialect].storedState;
}
