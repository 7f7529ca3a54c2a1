import { protocolScopeTokens } from '@aipassport/policy';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { changeAnswer } from '../engine/change-answer.js';
import { findRedeemed } from '../engine/find-redeemed.js';
import { readAskedScopes } from '../engine/read-refresh.js';

/**
 * Adds the requested protocol scopes, such as `openid`, to the answer's `scope` (RFC 6749 section 5.1). oidc-provider
 * lists only the scope tokens for the proxy, and clients treat a missing scope token as denied.
 */
export function nameProtocolScopes(ctx: KoaContextWithOIDC): void {
  const { oidc } = ctx;
  const requested = readAskedScopes(oidc);
  const asked = requested.size > 0 ? requested : findRedeemed(oidc)?.scopes;
  const granted = protocolScopeTokens.filter((token) => asked?.has(token));
  changeAnswer(ctx, (answer) => {
    const { scope } = answer;
    const listed = typeof scope === 'string' && scope !== '' ? scope.split(' ') : [];
    return { ...answer, scope: [...new Set([...granted, ...listed])].join(' ') };
  });
}
