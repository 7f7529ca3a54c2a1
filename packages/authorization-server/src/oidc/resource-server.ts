import type { ModelCatalogue } from '@aipassport/policy';
import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import type { SigningKeys } from '../keys/parse-signing-keys.js';
import { readAccessRequest, readScope } from './access-request.js';
import { accessTokenLifetimeSeconds } from './lifetimes.js';

const frontChannelRoutes: readonly string[] = ['authorization', 'resume', 'pushed_authorization_request'];

interface ResourceServerOptions {
  readonly resource: string;
  readonly signingKeys: SigningKeys;
  readonly models: ModelCatalogue;
}

/**
 * Describes the one audience there is, the resource proxy, and refuses any other (RFC 8707).
 * This is also where a request's scope is judged: oidc-provider asks here before anybody is asked for consent, and
 * would silently drop the tokens that are not among the answer.
 */
export function createResourceServerInfo({ resource, signingKeys: [{ kid }], models }: ResourceServerOptions) {
  return (ctx: KoaContextWithOIDC, indicator: string): ResourceServer => {
    if (indicator !== resource && indicator !== `${resource}/`) throw new errors.InvalidTarget();
    return {
      scope: findScope(ctx, models),
      audience: resource,
      accessTokenFormat: 'jwt',
      accessTokenTTL: accessTokenLifetimeSeconds,
      jwt: { sign: { alg: 'ES256', kid } },
    };
  };
}

function findScope({ oidc }: KoaContextWithOIDC, models: ModelCatalogue): string {
  if (frontChannelRoutes.includes(oidc.route)) {
    const parameters = oidc.params ?? {};
    readAccessRequest(parameters, models);
    return joinTokens(readScope(parameters, models).tokens);
  }
  const { AuthorizationCode: code, RefreshToken: refreshToken } = oidc.entities;
  return refreshToken?.scope ?? code?.scope ?? '';
}

function joinTokens(tokens: readonly { readonly text: string }[]): string {
  return tokens.map(({ text }) => text).join(' ');
}
