import { listScopeTokens, protocolScopeTokens } from '@aipassport/policy';
import type { Configuration } from '../configuration.js';
import type { Middleware } from '../context.js';
import { metadataPaths } from './paths.js';

/**
 * Corrects what oidc-provider says of itself in its metadata (RFC 8414): it lists the scopes that it knows, which are
 * not the models, and response modes that are switched off.
 */
export function describeMetadata({ models }: Pick<Configuration, 'models'>): Middleware {
  const scopes = [...protocolScopeTokens, ...listScopeTokens(models)];
  return async (ctx, next) => {
    await next();
    const metadata: unknown = ctx.body;
    if (!metadataPaths.includes(ctx.path) || ctx.status !== 200 || typeof metadata !== 'object') return;
    ctx.body = {
      ...metadata,
      scopes_supported: scopes,
      response_modes_supported: ['query'],
      // RFC 9068 and RFC 8414 leave clients to guess otherwise.
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      revocation_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
    };
  };
}
