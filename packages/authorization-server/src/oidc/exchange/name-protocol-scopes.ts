import { protocolScopeTokens } from '@aipassport/policy';
import type { KoaContextWithOIDC } from 'oidc-provider';

/**
 * Adds `openid` and the other protocol scopes to the answer's `scope` (RFC 6749 section 5.1). oidc-provider lists only
 * what the access token allows at the proxy, and clients take a missing scope for a denied one.
 */
export function nameProtocolScopes(ctx: KoaContextWithOIDC): void {
  const { oidc } = ctx;
  const { AuthorizationCode: code, RefreshToken: refreshToken } = oidc.entities;
  const asked = oidc.requestParamScopes.size > 0 ? oidc.requestParamScopes : (code ?? refreshToken)?.scopes;
  const body = ctx.body as { readonly scope?: string };
  const listed = body.scope === undefined || body.scope === '' ? [] : body.scope.split(' ');
  const granted = protocolScopeTokens.filter((token) => asked?.has(token));
  ctx.body = { ...body, scope: [...new Set([...granted, ...listed])].join(' ') };
}
