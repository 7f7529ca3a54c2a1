import { type Database, type Origin, withOrigin } from '@aipassport/store';
import type { RequestState } from './context.js';

/** A request, in our own middleware or in oidc-provider's. */
export interface IdentifiedRequest {
  /** oidc-provider's types do not know our state. */
  readonly state: RequestState | Record<string, unknown>;
  readonly ip: string;
}

/** Which request it is, and where it comes from, for the audit log. */
export function originOf({ state, ip }: IdentifiedRequest): Origin {
  return { requestId: (state as RequestState).requestId, address: ip };
}

/** The same dependencies for one request: the events that are written with them name the request. */
export function forRequest<Deps extends { readonly db: Database }>(deps: Deps, request: IdentifiedRequest): Deps {
  return { ...deps, db: withOrigin(deps.db, originOf(request)) };
}
