import type { Provider } from 'oidc-provider';
import type { Foundation } from '../../foundation.js';
import { createTokenFinder } from '../find-access-token.js';
import { managementEndpoint } from './management-resource.js';

/** The client that calls the grant management API. */
export interface Caller {
  readonly clientId: string;
  /** Whether the token may use the operations of this scope of the API. The token of a grant may use all of them. */
  readonly mayUse: (scope: string) => boolean;
  /** The thumbprint of the client's key to which the token is bound (RFC 9449); undefined for a bearer token. */
  readonly jkt: string | undefined;
  /**
   * The grant that the token is for. The token is for all grants below this grant too. Undefined when the token is for
   * all grants of the client.
   */
  readonly grantId: string | undefined;
}

/**
 * Finds the client by the access token that it sends. There are two kinds of tokens:
 *
 * - a token from `client_credentials`, as in the specification. It needs a scope of the API, and may be used for every
 *   grant of the client;
 * - an access token of a grant. It may be used for this grant and the grants below it. Public clients can get no other
 *   kind. The token needs no scope of the API, because a client that has the token can use up or revoke the grant
 *   anyway.
 *
 * @returns a function that resolves with undefined for any other token
 */
export function createCallerFinder(provider: Provider, foundation: Pick<Foundation, 'configuration' | 'now'>) {
  const findToken = createTokenFinder(foundation);
  const audience = managementEndpoint(foundation.configuration);
  return async (token: string): Promise<Caller | undefined> =>
    token.includes('.') ? findByGrantToken(token) : findByClientToken(token);

  async function findByGrantToken(token: string): Promise<Caller | undefined> {
    const found = await findToken(provider, token);
    if (found?.grantId === undefined || found.clientId === undefined) return undefined;
    return { clientId: found.clientId, mayUse: () => true, jkt: found.jkt, grantId: found.grantId };
  }

  async function findByClientToken(token: string): Promise<Caller | undefined> {
    const found = await provider.ClientCredentials.find(token);
    if (
      found?.aud !== audience ||
      found.clientId === undefined ||
      (await provider.Client.find(found.clientId)) === undefined
    )
      return undefined;
    const scopes = new Set(found.scope?.split(' '));
    return { clientId: found.clientId, mayUse: (scope) => scopes.has(scope), jkt: found.jkt, grantId: undefined };
  }
}
