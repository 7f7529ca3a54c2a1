import type { KoaContextWithOIDC } from 'oidc-provider';
import type { RequestState } from '../../context.js';
import { describeRevocation } from '../engine/describe-revocation.js';

/**
 * Marks the grant for revocation after the transaction of this request, because an error rolls the transaction back.
 */
export function endGrant(ctx: KoaContextWithOIDC, grantId: string | undefined): void {
  if (grantId === undefined) return;
  (ctx.state as RequestState).grantToEnd = describeRevocation(ctx, grantId);
  ctx.oidc.provider.emit('grant.revoked', ctx, grantId);
}
