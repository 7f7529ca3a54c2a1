import type { AdminScope, TokenScope } from '@aipassport/store/authorization';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** No form of ours, no token request and no client metadata needs more. */
export const defaultMaxBodyBytes = 64 * 1024;

/** One path of this server, with everything that other code needs to know about it. */
export interface Endpoint {
  /** The exact path, or a template with one variable segment such as `:uid`. */
  readonly path: string;
  /** The methods of this path. HEAD is served where GET is. OPTIONS is answered for every path (CORS). */
  readonly methods: readonly Method[];
  /** The kind of a successful answer. The kind of an error depends on the request's `Accept`. */
  readonly answers: 'page' | 'json' | 'asset' | 'picture' | 'file' | 'specification';
  /** The largest body that is read. Default: `defaultMaxBodyBytes`. */
  readonly maxBodyBytes?: number;
  /**
   * The web origins whose scripts may call this endpoint (CORS). `any`: all origins. `any_if_open`: all origins, if
   * registration is open to everyone. `registered`: the origins of registered redirect URIs. Default: none.
   */
  readonly origins?: 'any' | 'any_if_open' | 'registered';
  /**
   * `any`: other servers reach this endpoint by names of an internal network, so any host name is accepted. No part of
   * its answers depends on the host name. Default: the issuer's host only.
   */
  readonly hosts?: 'any';
  /**
   * Whether the parameters of a request are stored before the owner has signed in. If so, their size and the number of
   * requests are limited.
   */
  readonly storesParameters?: true;
  /** Whether clients begin requests for access here. If so, the client's metadata document is read first. */
  readonly beginsRequests?: true;
  /** Whether the endpoint takes the parameters `resource` (RFC 8707) and `authorization_details` (RFC 9396). */
  readonly takesResource?: true;
  /** Whether an owner may be sent here after signing in. */
  readonly isReturnTarget?: true;
  /** The parts of the page's query that are kept while its reader signs in, such as a search. */
  readonly keptQuery?: readonly string[];
  /**
   * What limits the requests that change something. Default: `requireFewChanges` limits the changes of the account that
   * is signed in, or of the account of the API token. `own`: a limit of its own, because the sender may not be signed
   * in or is a client. `none`: not limited, because repeating the request adds no rows, or for the reason that the
   * endpoint gives.
   */
  readonly changesLimitedBy?: 'own' | 'none';
  /** What a token needs for each method. Set for the endpoints of the two JSON APIs, and for no others. */
  readonly scopes?: Readonly<Partial<Record<Method, TokenScope | AdminScope>>>;
}

/** Whether a request with this method counts towards the limit on changes of an account. */
export function isLimited(method: string, changesLimitedBy: Endpoint['changesLimitedBy']): boolean {
  return changesLimitedBy === undefined && method !== 'GET' && method !== 'HEAD';
}
