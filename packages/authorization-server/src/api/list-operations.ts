import type { Method } from '../endpoint.js';

interface DescribedEndpoint<Scope> {
  readonly path: string;
  readonly scopes: Readonly<Partial<Record<Method, Scope>>>;
}

/** One method of one path of a JSON API. */
export interface Operation<Endpoint, Scope, Handler> {
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly scope: Scope;
  readonly handle: Handler;
}

/**
 * The operations of a JSON API, from its table of endpoints and its handlers of the same names.
 * @throws Error when a handler has no endpoint, or the endpoint has no scope for the method
 */
export function listOperations<Scope, Handler, Endpoint extends DescribedEndpoint<Scope>>(
  endpoints: Readonly<Record<string, Endpoint>>,
  handlers: Readonly<Record<string, Readonly<Partial<Record<Method, Handler>>>>>,
): readonly Operation<Endpoint, Scope, Handler>[] {
  return Object.entries(handlers).flatMap(([name, byMethod]) =>
    Object.entries(byMethod).map(([method, handle]) => {
      const endpoint = endpoints[name];
      const scope = endpoint?.scopes[method as Method]; // the keys of this type of object are methods
      if (endpoint === undefined || scope === undefined) throw new Error(`there is no scope for ${method} of ${name}`);
      return { endpoint, method, scope, handle };
    }),
  );
}
