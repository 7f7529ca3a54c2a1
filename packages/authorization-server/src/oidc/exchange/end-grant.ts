import type { GrantRevocation } from '@aipassport/store/authorization';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { RequestState } from '../../context.js';

/** Has the grant revoked after the transaction of this request, which an error rolls back. */
export function endGrant(ctx: KoaContextWithOIDC, grantId: string | undefined): void {
  if (grantId === undefined) return;
  (ctx.state as RequestState).grantToEnd = describeRevocation(ctx, grantId);
  ctx.oidc.provider.emit('grant.revoked', ctx, grantId);
}

/** oidc-provider ends grants for three reasons, told apart by the request that it is answering. */
export function describeRevocation(ctx: KoaContextWithOIDC | undefined, grantId: string): GrantRevocation {
  const oidc = ctx?.oidc;
  const revokedBy = oidc?.client?.clientId ?? 'operator';
  if (oidc?.route === 'revocation') return { grantId, reason: 'client', revokedBy };
  const reason = oidc?.params?.['grant_type'] === 'refresh_token' ? 'refresh_token_reuse' : 'code_replay';
  return { grantId, reason, revokedBy };
}
