import { type KoaContextWithOIDC, Provider } from 'oidc-provider';

/**
 * The request that oidc-provider answers now; undefined in other code, which includes our pages. Adapters and models
 * get no context as a parameter.
 *
 * Assumption: Provider.ctx is the request while oidc-provider answers it, and undefined in middleware before it.
 */
export function currentContext(): KoaContextWithOIDC | undefined {
  return Provider.ctx;
}
