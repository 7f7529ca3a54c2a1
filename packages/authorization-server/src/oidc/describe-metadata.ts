import { capabilities, models, protocolScopeTokens, upstreams } from '@aipassport/policy';
import type { Middleware } from '../context.js';
import { metadataPaths } from './paths.js';

/**
 * Corrects what oidc-provider says of itself in its metadata (RFC 8414): it lists the scopes that it knows, which are
 * not the models, and response modes that are switched off.
 */
export const describeMetadata: Middleware = async (ctx, next) => {
  await next();
  const metadata: unknown = ctx.body;
  if (!metadataPaths.includes(ctx.path) || ctx.status !== 200 || typeof metadata !== 'object') return;
  ctx.body = {
    ...metadata,
    scopes_supported: listScopes(),
    response_modes_supported: ['query'],
    // RFC 9068 and RFC 8414 leave clients to guess otherwise.
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    revocation_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
  };
};

/** An identifier that two AI providers share is only known with its provider's name in front. */
function listScopes(): string[] {
  const shared = new Set(models.map(({ id }) => id).filter((id, index, ids) => ids.indexOf(id) !== index));
  return [
    ...protocolScopeTokens,
    ...models.map(({ upstream, id }) => (shared.has(id) ? `model:${upstream}/${id}` : `model:${id}`)),
    ...upstreams.map((upstream) => `model:${upstream}/*`),
    ...capabilities.map((capability) => `cap:${capability}`),
  ];
}
