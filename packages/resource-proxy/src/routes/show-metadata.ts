import type { ResourceProxyComponents } from '@aipassport/contracts';
import { listScopeTokens } from '@aipassport/policy';
import type { ProxyDependencies } from '../dependencies.js';

type Metadata = ResourceProxyComponents['schemas']['ProtectedResourceMetadata'];

/** The protected resource metadata (RFC 9728 section 2): whose tokens are taken here, and how they are sent. */
export function showMetadata({
  resource,
  issuer,
  models,
}: Pick<ProxyDependencies, 'resource' | 'issuer' | 'models'>): Metadata {
  return {
    resource,
    resource_name: 'AIPassport resource proxy',
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    scopes_supported: [...listScopeTokens(models)],
  };
}
