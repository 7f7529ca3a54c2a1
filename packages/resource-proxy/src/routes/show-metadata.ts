import type { ResourceProxyComponents } from '@aipassport/contracts';
import { capabilities, models } from '@aipassport/policy';

type Metadata = ResourceProxyComponents['schemas']['ProtectedResourceMetadata'];

/** The protected resource metadata (RFC 9728 section 2): whose tokens are taken here, and how they are sent. */
export function showMetadata({ resource, issuer }: { readonly resource: string; readonly issuer: string }): Metadata {
  return {
    resource,
    resource_name: 'AIPassport resource proxy',
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    scopes_supported: [
      ...capabilities.map((capability) => `cap:${capability}`),
      ...models.map(({ id }) => `model:${id}`),
    ],
  };
}
