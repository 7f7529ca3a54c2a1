import type { ModelCatalogue } from '@aipassport/policy';
import type { KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import type { SigningKeys } from '../keys/parse-signing-keys.js';
import { readAccessRequest, readScope } from './access-request.js';
import { describeAdminResource } from './admin/admin-resource.js';
import { namesResourceProxy } from './canonical-resource.js';
import { oauthError } from './describe-oauth-denial.js';
import { findRedeemed } from './engine/find-redeemed.js';
import { isAtEndpoint } from './engine/route.js';
import { describeManagementResource } from './grant-management/management-resource.js';
import { accessTokenLifetimeSeconds } from './lifetimes.js';
import { requireIssuable } from './token-length.js';

interface ResourceServerOptions {
  readonly resource: string;
  /** The grant management API. */
  readonly management: string;
  /** The admin API. */
  readonly admin: string;
  readonly signingKeys: SigningKeys;
  readonly models: ModelCatalogue;
}

/**
 * Chooses the resource of a request that names one or several. Each must be the resource proxy, in any spelling. If the
 * request also named another server, the token could be accepted there (RFC 8707 section 2).
 */
export function chooseResource(resource: string, asked: readonly string[] = [resource]): string {
  if (asked.some((indicator) => !namesResourceProxy(resource, indicator)))
    throw oauthError({ reason: 'resource_unknown' });
  return asked[0] ?? resource;
}

/**
 * Describes the audiences of tokens. A token of a grant is for the resource proxy. A token that a client gets for
 * itself is for the grant management API, or for the admin API. Any other resource is refused (RFC 8707).
 *
 * The scope of a request is checked here too. oidc-provider calls this function before the owner is asked for consent.
 * Without this check, oidc-provider would silently drop the scope tokens that this function does not return.
 */
export function createResourceServerInfo({
  resource,
  management,
  admin,
  signingKeys: [{ kid }],
  models,
}: ResourceServerOptions) {
  return (ctx: KoaContextWithOIDC, indicator: string): ResourceServer => {
    if (isClientCredentials(ctx)) {
      if (indicator === admin) return describeAdminResource(admin, ctx);
      if (indicator !== management) throw oauthError({ reason: 'resource_unknown' });
      return describeManagementResource(management);
    }
    if (!namesResourceProxy(resource, indicator)) throw oauthError({ reason: 'resource_unknown' });
    return {
      scope: findScope(ctx, { resource, kid, models }),
      audience: resource,
      accessTokenFormat: 'jwt',
      accessTokenTTL: accessTokenLifetimeSeconds,
      jwt: { sign: { alg: 'ES256', kid } },
    };
  };
}

/** Whether a client asks for a token for itself, without a resource owner (RFC 6749 section 4.4). */
export function isClientCredentials({ oidc }: KoaContextWithOIDC): boolean {
  return isAtEndpoint(oidc, 'token') && oidc.params?.['grant_type'] === 'client_credentials';
}

interface ScopeTerms {
  readonly resource: string;
  readonly kid: string;
  readonly models: ModelCatalogue;
}

function findScope({ oidc }: KoaContextWithOIDC, { resource, kid, models }: ScopeTerms): string {
  if (isAtEndpoint(oidc, 'authorization', 'resume', 'pushed_authorization_request', 'device_authorization')) {
    const parameters = oidc.params ?? {};
    const request = readAccessRequest(parameters, models);
    requireIssuable(request, { issuer: oidc.issuer, resource, kid, clientId: oidc.client?.clientId ?? '' });
    return joinTokens(readScope(parameters, models).tokens);
  }
  return findRedeemed(oidc)?.scope ?? '';
}

function joinTokens(tokens: readonly { readonly text: string }[]): string {
  return tokens.map(({ text }) => text).join(' ');
}
