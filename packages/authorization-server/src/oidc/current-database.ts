import type { Database } from '@aipassport/store';
import type { RequestState } from '../context.js';
import { currentContext } from './engine/current-context.js';

/** The transaction of the request that oidc-provider answers now; the pool when there is no transaction. */
export function currentDatabase(pool: Database): Database {
  return currentState()?.transaction ?? pool;
}

/** The state of the request that oidc-provider answers now; undefined when it answers none. */
export function currentState(): RequestState | undefined {
  return currentContext()?.state as RequestState | undefined;
}
