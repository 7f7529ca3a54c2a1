import type { Dialect } from '@aipassport/policy';
import { upstreamApis } from '../upstreams/upstream-apis.js';
import type { StoredState } from './stored-state.js';

/** Gets the format of stored state in a dialect. Called only for dialects that have one. */
export function getStoredState(dialect: Dialect): StoredState {
  const { storedState } = upstreamApis[dialect];
  if (storedState === undefined) throw new Error(`vendors of the dialect ${dialect} store nothing`);
  return storedState;
}
