import { randomUUID } from 'node:crypto';
import { type ParsedUrlQuery, parse, stringify } from 'node:querystring';
import type { AccessToken, Client, ClientCredentials, KoaContextWithOIDC, RefreshToken } from 'oidc-provider';
import type { Configuration } from '../../configuration.js';
import type { Context, Middleware } from '../../context.js';
import { paths } from '../../endpoints.js';
import type { Foundation } from '../../foundation.js';
import { readBody } from '../../read-body.js';
import { createTokenVerifier } from '../verify-access-token.js';
import { changeAnswer } from './change-answer.js';
import { replayBody } from './replay-body.js';

type AnyToken = AccessToken | ClientCredentials | RefreshToken;

/**
 * Lets oidc-provider introspect and revoke signed access tokens, which it can find only by their `jti`. The token in
 * the form is verified here and replaced with its `jti`. The policies below accept an access token only if its `jti`
 * was verified here, because a bare `jti` may come from a log and is not a token.
 *
 * Assumption: introspection and revocation find a signed access token whose row is stored, if they are given its jti.
 */
export function replaceSignedTokens(foundation: Pick<Foundation, 'configuration' | 'now'>): Middleware {
  const verify = createTokenVerifier(foundation);
  return async (ctx, next) => {
    const endpoint = [paths.introspection, paths.revocation].find((path) => path === ctx.path);
    if (ctx.method !== 'POST' || endpoint === undefined || !ctx.is('application/x-www-form-urlencoded')) return next();
    const form: ParsedUrlQuery = parse((await readBody(ctx)).toString('utf8'));
    const { token } = form;
    if (typeof token === 'string' && token.includes('.')) {
      // An expired token can still be revoked, because the refresh token of its grant may still be valid.
      const expired = endpoint === paths.revocation ? 'accepted' : 'refused';
      const { jti: tokenId } = await verify(token, expired).catch(() => ({ jti: undefined }));
      if (tokenId !== undefined) ctx.state.verifiedTokenId = tokenId;
      form.token = tokenId ?? `unverified:${randomUUID()}`;
    }
    replayBody(ctx.req, stringify(form));
    await next();
    restoreTokenId(ctx);
  };
}

/** Assumption: an introspection that was asked for a jti leaves jti out of its answer. */
function restoreTokenId(ctx: Context): void {
  changeAnswer(ctx, (answer) => (answer['active'] === true ? { ...answer, jti: ctx.state.verifiedTokenId } : answer));
}

/** RFC 7662 section 4: only the resource proxy may introspect, and only access tokens. */
export function createIntrospectionPolicy({ proxyClientId }: Pick<Configuration, 'proxyClientId'>) {
  return (ctx: KoaContextWithOIDC, client: Client, token: AnyToken): boolean =>
    client.clientId === proxyClientId && token.kind === 'AccessToken' && isVerified(ctx, token);
}

/**
 * RFC 7009 section 2.1: a client may revoke only its own tokens. A token of another client is answered like an unknown
 * token.
 */
export function mayRevoke(ctx: KoaContextWithOIDC, client: Client, token: AnyToken): boolean {
  if (token.clientId !== client.clientId) return false;
  return token.kind !== 'AccessToken' || isVerified(ctx, token);
}

function isVerified(ctx: KoaContextWithOIDC, { jti }: AnyToken): boolean {
  return ctx.state.verifiedTokenId === jti;
}
