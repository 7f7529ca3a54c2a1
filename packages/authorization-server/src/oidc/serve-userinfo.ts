import { findAccount } from '@aipassport/store/authorization';
import type { AccessToken, Provider } from 'oidc-provider';
import type { Context, Middleware } from '../context.js';
import { paths } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { orUnavailable } from './errors.js';
import { listWebOrigins } from './list-web-origins.js';
import { createTokenVerifier } from './verify-access-token.js';

/**
 * `GET` and `POST /userinfo` (OpenID Connect Core section 5.3): whose access token this is. There is no other claim about
 * people. oidc-provider's own endpoint takes no token that is for a resource server, as all tokens here are.
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
    if (token === undefined) return challenge(ctx, undefined);
    const found = await findToken(token);
    if (found === undefined) return challenge(ctx, 'invalid_token');
    const client = await provider.Client.find(found.clientId ?? '');
    const origin = ctx.get('Origin');
    if (listWebOrigins(client?.redirectUris ?? []).includes(origin)) ctx.set('Access-Control-Allow-Origin', origin);
    ctx.body = { sub: found.accountId };
  };
}

/** In the header, or in a form (RFC 6750 section 2.2). */
function readToken(ctx: Context): string | undefined {
  const [, inHeader] = /^Bearer +([\w.~+/-]+=*)$/i.exec(ctx.get('Authorization')) ?? [];
  return inHeader ?? ctx.state.form?.find(({ name }) => name === 'access_token')?.value.toString();
}

/** RFC 6750 section 3: no error for a request without a token, for it has made none. */
function challenge(ctx: Context, error: 'invalid_token' | undefined): void {
  ctx.status = 401;
  // It holds nothing of anybody; `allow-origins.ts` takes this back from an origin that is not registered.
  if (ctx.get('Origin') !== '') ctx.set('Access-Control-Allow-Origin', ctx.get('Origin'));
  ctx.set('WWW-Authenticate', error === undefined ? 'Bearer' : `Bearer error="${error}"`);
  ctx.body = { error: error ?? 'invalid_request', error_description: 'a live access token is needed' };
}
