import type { KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import type { Configuration } from '../../configuration.js';
import { paths } from '../../endpoints.js';
import { oauthError } from '../describe-oauth-denial.js';
import { listAdminScopes } from './admin-clients.js';

/** The lifetime is short, because a token may be stolen, and a program gets a new one in a single request. */
const adminTokenLifetimeSeconds = 300;

/** The URL of the admin API, which is the audience of its tokens. */
export function adminEndpoint({ issuer }: Pick<Configuration, 'issuer'>): string {
  return `${issuer}${paths.adminInstance}`;
}

/**
 * The admin API as a resource server. Its tokens are opaque, because only this server reads them. A client must name
 * each scope that it needs, and gets all of them or no token.
 * @throws invalid_target for a client that may not call the admin API, invalid_scope for a scope that it was not given
 */
export function describeAdminResource(endpoint: string, { oidc }: KoaContextWithOIDC): ResourceServer {
  const given: readonly string[] = listAdminScopes(oidc.client);
  if (given.length === 0) throw oauthError({ reason: 'resource_unknown' });
  const { scope } = oidc.params ?? {};
  const asked = typeof scope === 'string' ? scope.split(' ').filter((word) => word !== '') : [];
  if (asked.length === 0 || asked.some((word) => !given.includes(word)))
    throw oauthError({ reason: 'admin_scope_not_given' });
  return {
    scope: asked.join(' '),
    audience: endpoint,
    accessTokenFormat: 'opaque',
    accessTokenTTL: adminTokenLifetimeSeconds,
  };
}
