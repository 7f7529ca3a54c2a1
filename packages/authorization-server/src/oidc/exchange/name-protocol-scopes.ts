import { protocolScopeTokens } from '@aipassport/policy';
import type { KoaContextWithOIDC } from 'oidc-provider';

/**
 * Names `openid` and its like in the answer's `scope` too (RFC 6749 section 5.1): oidc-provider lists what the access
 * token allows at the proxy, and clients take what is missing for denied.
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
