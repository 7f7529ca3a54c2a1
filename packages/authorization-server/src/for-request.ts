import { type Database, type RequestSource, withRequestSource } from '@aipassport/store';
import type { RequestState } from './context.js';

/** A request, in our own middleware or in oidc-provider's. */
export interface IdentifiedRequest {
  /** oidc-provider's types do not know our state. */
  readonly state: RequestState | Record<string, unknown>;
  readonly ip: string;
}

/** For the audit log: the identifier of the request, and the client's IP address. */
export function requestSourceOf({ state, ip }: IdentifiedRequest): RequestSource {
  return { requestId: (state as RequestState).requestId, ipAddress: ip };
}

/** Returns the dependencies with a database that adds the request's identifier and IP address to each audit event. */
export function forRequest<Deps extends { readonly db: Database }>(deps: Deps, request: IdentifiedRequest): Deps {
  return { ...deps, db: withRequestSource(deps.db, requestSourceOf(request)) };
}
