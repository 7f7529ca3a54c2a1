import type { GrantRevocation } from '@aipassport/store/authorization';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { isAtEndpoint } from './route.js';

/**
 * Finds the reason why oidc-provider ends a grant, from the request that it is answering.
 *
 * Assumption: a grant is destroyed while Provider.ctx is the request that ends it, and the token endpoint then answers
 * with an error.
 */
export function describeRevocation(ctx: KoaContextWithOIDC | undefined, grantId: string): GrantRevocation {
  const oidc = ctx?.oidc;
  const revokedBy = oidc?.client?.clientId ?? 'operator';
  if (oidc !== undefined && isAtEndpoint(oidc, 'revocation')) return { grantId, reason: 'client', revokedBy };
  const reason = oidc?.params?.['grant_type'] === 'refresh_token' ? 'refresh_token_reuse' : 'code_replay';
  return { grantId, reason, revokedBy };
}
