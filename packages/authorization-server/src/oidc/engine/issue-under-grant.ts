import { hashSecret } from '@aipassport/store';
import { deleteArtifact } from '@aipassport/store/authorization';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { RequestState } from '../../context.js';
import { oauthError } from '../describe-oauth-denial.js';
import type { Redemption } from '../exchange/redemption.js';
import { changeAnswer } from './change-answer.js';
import { changeParameter } from './change-parameter.js';

export interface Issue {
  readonly grantId: string;
  readonly scope: string;
  /** The thumbprint of the client's key that must have signed the request's proof; undefined: no proof is required. */
  readonly keyThumbprint: string | undefined;
  readonly resource: string;
  /** When the owner signed in, in seconds since 1970; undefined when it is not known. */
  readonly authTime: number | undefined;
}

/**
 * Lets oidc-provider issue an access token under a grant, without a refresh token. oidc-provider makes all checks of a
 * refresh: the client, the grant, the account, the resource and the DPoP proof. `handle` is its handler of refresh
 * tokens. The handler gets a refresh token that exists only inside the transaction.
 *
 * Assumption: the handler of refresh_token answers a request of another grant type that has a refresh token set.
 */
export async function issueUnderGrant(
  { ctx, transaction, handle }: Pick<Redemption, 'ctx' | 'transaction' | 'handle'>,
  issue: Issue,
): Promise<void> {
  const refreshToken = await storeRefreshToken(ctx, issue);
  (ctx.state as RequestState).keepsRefreshToken = true;
  changeParameter(ctx.oidc, 'refresh_token', refreshToken);
  changeParameter(ctx.oidc, 'scope', issue.scope);
  await handle();
  await deleteArtifact(transaction, { model: 'RefreshToken', idHash: hashSecret(refreshToken) });
  changeAnswer(ctx, ({ refresh_token: _gone, ...answer }) => answer);
}

async function storeRefreshToken(ctx: KoaContextWithOIDC, issue: Issue): Promise<string> {
  const { grantId, scope, keyThumbprint, resource, authTime } = issue;
  const { provider, client } = ctx.oidc;
  const grant = await provider.Grant.find(grantId);
  if (grant === undefined || client === undefined) throw oauthError({ reason: 'grant_ended' });
  ctx.oidc.entity('Grant', grant);
  const { accountId, rar } = grant;
  const token = new provider.RefreshToken({
    accountId,
    client,
    grantId,
    gty: 'token_exchange',
    scope,
    resource,
    expiresWithSession: false,
    ...(authTime === undefined ? {} : { authTime }),
    ...(rar === undefined ? {} : { rar }),
    ...(keyThumbprint === undefined ? {} : { jkt: keyThumbprint }),
  } as ConstructorParameters<typeof provider.RefreshToken>[0]); // the type requires members that only a sign-in has
  return token.save();
}
