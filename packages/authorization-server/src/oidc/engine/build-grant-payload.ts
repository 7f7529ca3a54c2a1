import { formatAiAccess, formatScope, protocolScopeTokens } from '@aipassport/policy';
import type { Grant } from '@aipassport/store/authorization';
import type { AdapterPayload } from 'oidc-provider';
import { toSeconds } from './provider-session.js';

type GrantTerms = Pick<Grant, 'id' | 'accountId' | 'clientId' | 'tokens' | 'limits' | 'createdAt' | 'expiresAt'>;

/**
 * Builds the payload of oidc-provider's model `Grant` from a grant.
 *
 * Assumption: a grant has the members accountId, clientId, openid, resources and rar.
 */
export function buildGrantPayload(
  grant: GrantTerms,
  resource: string,
): AdapterPayload & { readonly [member: string]: unknown } {
  const scope = formatScope(grant.tokens);
  return {
    kind: 'Grant',
    jti: grant.id,
    accountId: grant.accountId,
    clientId: grant.clientId,
    iat: toSeconds(grant.createdAt),
    exp: toSeconds(grant.expiresAt),
    // The scope tokens of the protocol, such as `openid`, give no access to AI, so they are always granted and never
    // shown.
    openid: { scope: protocolScopeTokens.join(' ') },
    // The resource is listed in both spellings that a client may have used: `new URL(...).href` ends in a slash.
    resources: { [resource]: scope, [`${resource}/`]: scope },
    rar: [{ ...formatAiAccess(grant.tokens, grant.limits, grant.expiresAt) }],
  };
}
