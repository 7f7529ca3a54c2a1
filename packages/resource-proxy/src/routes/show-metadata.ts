import type { ResourceProxyComponents } from '@aipassport/contracts';
import { capabilities } from '@aipassport/policy';
import type { ProxyDependencies } from '../dependencies.js';

type Metadata = ResourceProxyComponents['schemas']['ProtectedResourceMetadata'];

/**
 * The protected resource metadata (RFC 9728 section 2): whose tokens are taken here, and how they are sent.
 *
 * Clients of the Model Context Protocol ask for all of its scopes at once. So these are the capabilities, without the
 * models, among which the owner then chooses; the authorization server's metadata has them all.
 */
export function showMetadata({ issuer }: Pick<ProxyDependencies, 'issuer'>, resource: string): Metadata {
  return {
    resource,
    resource_name: 'AIPassport resource proxy',
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    scopes_supported: capabilities.map((capability) => `cap:${capability}`),
  };
}
