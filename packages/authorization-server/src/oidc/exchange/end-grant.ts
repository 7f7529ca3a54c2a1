import type { GrantRevocation } from '@aipassport/store/authorization';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { RequestState } from '../../context.js';

/**
 * Marks the grant for revocation after the transaction of this request, because an error rolls the transaction back.
 */
export function endGrant(ctx: KoaContextWithOIDC, grantId: string | undefined): void {
  if (grantId === undefined) return;
  (ctx.state as RequestState).grantToEnd = describeRevocation(ctx, grantId);
  ctx.oidc.provider.emit('grant.revoked', ctx, grantId);
}

/** Why oidc-provider ends a grant. The request that it is answering distinguishes the three reasons. */
export function describeRevocation(ctx: KoaContextWithOIDC | undefined, grantId: string): GrantRevocation {
  const oidc = ctx?.oidc;
  const revokedBy = oidc?.client?.clientId ?? 'operator';
  if (oidc?.route === 'revocation') return { grantId, reason: 'client', revokedBy };
  const reason = oidc?.params?.['grant_type'] === 'refresh_token' ? 'refresh_token_reuse' : 'code_replay';
  return { grantId, reason, revokedBy };
}
