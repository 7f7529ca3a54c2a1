import type { ResourceServer } from 'oidc-provider';
import type { Configuration } from '../../configuration.js';
import { paths } from '../../endpoints.js';
import { accessTokenLifetimeSeconds } from '../lifetimes.js';

/** The scopes of the grant management API: to read a grant, and to end it. */
export const managementScopes = { query: 'grant_management_query', revoke: 'grant_management_revoke' } as const;

/**
 * The URL of the API without a grant's identifier. It is in the metadata, and it is the audience of the API's
 * tokens.
 */
export function managementEndpoint({ issuer }: Pick<Configuration, 'issuer'>): string {
  return `${issuer}${paths.grantManagement.replace(/\/:\w+$/, '')}`;
}

/** The API as a resource server. Its tokens are opaque, because only this server reads them. */
export function describeManagementResource(endpoint: string): ResourceServer {
  return {
    scope: Object.values(managementScopes).join(' '),
    audience: endpoint,
    accessTokenFormat: 'opaque',
    accessTokenTTL: accessTokenLifetimeSeconds,
  };
}
