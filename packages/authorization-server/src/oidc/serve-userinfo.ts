import { findAccount } from '@aipassport/store/authorization';
import type { AccessToken, Provider } from 'oidc-provider';
import type { Context, Middleware } from '../context.js';
import { paths } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { allowOriginOfClient, refuseAccess } from './answer-as-resource.js';
import { orUnavailable } from './errors.js';
import { createTokenFinder } from './find-access-token.js';
import { findSendingProblem, readSentToken, type SentToken } from './require-proof.js';

/**
 * `GET` and `POST /userinfo` (OpenID Connect Core section 5.3): answers with the identifier of the account to which an
 * access token belongs, and with no other claims. oidc-provider's own endpoint would refuse every access token of this
 * server, because all of them are for a resource server.
 */
export function serveUserinfo(provider: Provider, foundation: Foundation): Middleware {
  const { db } = foundation;
  const findToken = createTokenFinder(foundation);
  const findLiveToken = async (token: string): Promise<AccessToken | undefined> => {
    const found = await findToken(provider, token);
    if (found?.grantId === undefined || (await provider.Grant.find(found.grantId)) === undefined) return undefined;
    const account = await orUnavailable(findAccount(db, found.accountId));
    return account === undefined || account.disabledAt !== undefined ? undefined : found;
  };
  return async (ctx, next) => {
    if (ctx.path !== paths.userinfo || ctx.method === 'OPTIONS') return next();
    const token = readToken(ctx);
    if (token === undefined) return refuseAccess(ctx, { reason: 'access_token_missing' });
    const found = await findLiveToken(token.text);
    if (found === undefined) return refuseAccess(ctx, { reason: 'access_token_inactive' });
    const problem = await findSendingProblem(foundation, ctx, { ...token, jkt: found.jkt });
    if (problem !== undefined) return refuseAccess(ctx, { reason: problem });
    await allowOriginOfClient(provider, ctx, found.clientId);
    ctx.body = { sub: found.accountId };
  };
}

/** The access token in the header, or in a form (RFC 6750 section 2.2). */
function readToken(ctx: Context): Omit<SentToken, 'jkt'> | undefined {
  const inForm = ctx.state.form?.find(({ name }) => name === 'access_token')?.value.toString();
  return readSentToken(ctx) ?? (inForm === undefined ? undefined : { text: inForm, scheme: 'Bearer' });
}
