import { type Database, withRequestSource } from '@aipassport/store';
import type { RequestState } from '../context.js';
import { requestSourceOf } from '../for-request.js';
import { currentContext } from './engine/current-context.js';

/**
 * The transaction of the request that oidc-provider answers now; the pool when there is no transaction. Audit events
 * that are written through it contain the request's id and IP address.
 */
export function currentDatabase(pool: Database): Database {
  const context = currentContext();
  if (context === undefined) return pool;
  return currentState()?.transaction ?? withRequestSource(pool, requestSourceOf(context));
}

/** The state of the request that oidc-provider answers now; undefined when it answers none. */
export function currentState(): RequestState | undefined {
  return currentContext()?.state as RequestState | undefined;
}
