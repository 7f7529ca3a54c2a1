import type { ResourceProxyComponents } from '@aipassport/contracts';
import { proofAlgorithms } from '@aipassport/contracts';
import { capabilities } from '@aipassport/policy';
import type { ProxyDependencies } from '../dependencies.js';

type Metadata = ResourceProxyComponents['schemas']['ProtectedResourceMetadata'];

/**
 * Builds the protected resource metadata (RFC 9728 section 2): which issuer's tokens this proxy accepts, and how
 * clients send them.
 *
 * Clients of the Model Context Protocol request all scopes in this metadata at once. So it lists the capabilities but
 * no models: the owner chooses the models later. The authorization server's metadata lists all scopes.
 */
export function showMetadata({ issuer }: Pick<ProxyDependencies, 'issuer'>, resource: string): Metadata {
  return {
    resource,
    resource_name: 'AIPassport resource proxy',
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: [...proofAlgorithms],
    scopes_supported: capabilities.map((capability) => `cap:${capability}`),
  };
}
