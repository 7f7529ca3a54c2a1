import { listScopeTokens, protocolScopeTokens } from '@aipassport/policy';
import type { Configuration } from '../configuration.js';
import type { Middleware } from '../context.js';
import { paths } from '../endpoints.js';
import { clientAuthMethods, listIdTokenAlgorithms, responseModes } from './offered.js';

/**
 * Corrects what oidc-provider says of itself in its metadata (RFC 8414): it lists the scopes that it knows, which are
 * not the models, response modes that are switched off, and introspection, which answers the resource proxy alone.
 */
const metadataPaths: readonly string[] = [paths.oauthMetadata, paths.openIdMetadata];

export function describeMetadata(configuration: Pick<Configuration, 'models' | 'issuer' | 'idTokenKeys'>): Middleware {
  const { models, issuer } = configuration;
  const scopes = [...protocolScopeTokens, ...listScopeTokens(models)];
  return async (ctx, next) => {
    await next();
    if (!metadataPaths.includes(ctx.path) || ctx.status !== 200 || typeof ctx.body !== 'object') return;
    const { introspection_endpoint: _internal, ...metadata } = ctx.body as Readonly<Record<string, unknown>>;
    ctx.body = {
      ...metadata,
      userinfo_endpoint: `${issuer}${paths.userinfo}`,
      scopes_supported: scopes,
      response_modes_supported: responseModes,
      // `sid` is for logout by the back channel, which is not offered
      claims_supported: ['sub', 'iss', 'auth_time'],
      id_token_signing_alg_values_supported: listIdTokenAlgorithms(configuration),
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      // RFC 8414 leaves clients to guess otherwise.
      revocation_endpoint_auth_methods_supported: clientAuthMethods,
    };
  };
}
