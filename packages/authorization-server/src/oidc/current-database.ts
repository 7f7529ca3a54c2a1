import type { Database } from '@aipassport/store';
import type { RequestState } from '../context.js';
import { currentContext } from './engine/current-context.js';

/** The transaction of the request that oidc-provider answers now; the pool where there is none. */
export function currentDatabase(pool: Database): Database {
  return currentState()?.transaction ?? pool;
}

/** What is remembered of the request that oidc-provider answers now; undefined outside of one. */
export function currentState(): RequestState | undefined {
  return currentContext()?.state as RequestState | undefined;
}
