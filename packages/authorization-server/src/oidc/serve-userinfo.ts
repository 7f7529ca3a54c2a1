import { findAccount } from '@aipassport/store/authorization';
import type { AccessToken, Provider } from 'oidc-provider';
import type { Context, Middleware } from '../context.js';
import { describeDenial } from '../denials/describe-denial.js';
import { paths } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { orUnavailable } from './errors.js';
import { listWebOrigins } from './list-web-origins.js';
import { findSendingProblem, readSentToken, type SendingProblem, type SentToken } from './require-proof.js';
import { createTokenVerifier } from './verify-access-token.js';

/**
 * `GET` and `POST /userinfo` (OpenID Connect Core section 5.3): answers with the account of an access token. The answer
 * has no other claims. oidc-provider's own endpoint refuses tokens for a resource server, and all tokens of this server
 * are such tokens.
 */
export function serveUserinfo(provider: Provider, foundation: Foundation): Middleware {
  const { db } = foundation;
  const verify = createTokenVerifier(foundation);
  const findToken = async (token: string): Promise<AccessToken | undefined> => {
    const { jti } = await verify(token).catch(() => ({ jti: undefined }));
    const found = jti === undefined ? undefined : await provider.AccessToken.find(jti);
    if (found?.grantId === undefined || (await provider.Grant.find(found.grantId)) === undefined) return undefined;
    const account = await orUnavailable(findAccount(db, found.accountId));
    return account === undefined || account.disabledAt !== undefined ? undefined : found;
  };
  return async (ctx, next) => {
    if (ctx.path !== paths.userinfo || ctx.method === 'OPTIONS') return next();
    const token = readToken(ctx);
    if (token === undefined) return refuse(ctx, 'access_token_missing');
    const found = await findToken(token.text);
    if (found === undefined) return refuse(ctx, 'access_token_inactive');
    const problem = await findSendingProblem(foundation, ctx, { ...token, jkt: found.jkt });
    if (problem !== undefined) return refuse(ctx, problem);
    const client = await provider.Client.find(found.clientId ?? '');
    const origin = ctx.get('Origin');
    if (listWebOrigins(client?.redirectUris ?? []).includes(origin)) ctx.set('Access-Control-Allow-Origin', origin);
    ctx.body = { sub: found.accountId };
  };
}

type UserinfoRefusal = 'access_token_missing' | 'access_token_inactive' | SendingProblem;

/** The access token in the header, or in a form (RFC 6750 section 2.2). */
function readToken(ctx: Context): Omit<SentToken, 'jkt'> | undefined {
  const inForm = ctx.state.form?.find(({ name }) => name === 'access_token')?.value.toString();
  return readSentToken(ctx) ?? (inForm === undefined ? undefined : { text: inForm, scheme: 'Bearer' });
}

/** Refuses, always with a JSON body and the challenge of RFC 6750 section 3. */
function refuse(ctx: Context, reason: UserinfoRefusal): void {
  const { status, code, message, challenge = '' } = describeDenial({ reason });
  ctx.status = status;
  // The answer says nothing about an owner. `allow-origins.ts` removes this header for origins that are not registered.
  if (ctx.get('Origin') !== '') ctx.set('Access-Control-Allow-Origin', ctx.get('Origin'));
  ctx.set('WWW-Authenticate', challenge);
  ctx.body = { error: code, error_description: message };
}
