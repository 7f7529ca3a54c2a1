import type { AdminScope } from '@aipassport/store/authorization';
import type { Provider } from 'oidc-provider';
import type { Configuration } from '../../configuration.js';
import { listAdminScopes } from './admin-clients.js';
import { adminEndpoint } from './admin-resource.js';

/** A client that calls the admin API. */
export interface AdminClient {
  readonly clientId: string;
  /** The scopes that the token has and that the operator still allows this client. */
  readonly scopes: readonly AdminScope[];
  /** The thumbprint of the client's key to which the token is bound (RFC 9449); undefined for a bearer token. */
  readonly jkt: string | undefined;
}

/**
 * Creates a function that finds the client by the token that it sends. Each call reads the token and the client from
 * the database, so a client that was blocked, or has lost its scopes, is refused at once, at every replica.
 * @returns a function that resolves with undefined for any other token, including one for another API of this server
 */
export function createAdminClientFinder(provider: Provider, configuration: Pick<Configuration, 'issuer'>) {
  const audience = adminEndpoint(configuration);
  return async (token: string): Promise<AdminClient | undefined> => {
    const found = await provider.ClientCredentials.find(token);
    if (found?.clientId === undefined || found.aud !== audience) return undefined;
    const given = listAdminScopes(await provider.Client.find(found.clientId));
    const words = found.scope?.split(' ') ?? [];
    const scopes = given.filter((scope) => words.includes(scope));
    return given.length === 0 ? undefined : { clientId: found.clientId, scopes, jkt: found.jkt };
  };
}
