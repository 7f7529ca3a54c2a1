import type { Database } from '@aipassport/store';
import { Provider } from 'oidc-provider';
import type { RequestState } from '../context.js';

/** The transaction of the request that oidc-provider answers now; the pool where there is none. */
export function currentDatabase(pool: Database): Database {
  return currentState()?.transaction ?? pool;
}

/** What is remembered of the request that oidc-provider answers now; undefined outside of one. */
export function currentState(): RequestState | undefined {
  return Provider.ctx?.state as RequestState | undefined;
}
