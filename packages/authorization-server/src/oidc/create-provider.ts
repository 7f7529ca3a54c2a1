import Keygrip from 'keygrip';
import Provider, { type TokenEndpointGrantContext } from 'oidc-provider';
import type { Foundation } from '../foundation.js';
import { bindLogins } from './bind-logins.js';
import { compareHashedSecrets } from './client-secrets.js';
import { configureProvider } from './configure-provider.js';
import { createExchange, type Exchange } from './exchange/exchange-tokens.js';
import { logProviderEvents } from './log-provider-events.js';
import { keepSessionIdentifiers } from './session-identifiers.js';

/**
 * oidc-provider, answering authorization requests by `query` only: fragments and forms that submit themselves leak
 * more. The name `fragment` stays, for it is where errors of other response types go: they too come by `query`.
 */
export class AuthorizationProvider extends Provider {
  /** How token requests are answered with oidc-provider's own handlers. */
  exchange: Exchange = (_ctx, handle) => handle();

  override registerGrantType<P extends object>(
    name: string,
    handle: (ctx: TokenEndpointGrantContext<P>) => Promise<void> | void,
    ...rest: readonly (string | readonly string[] | ReadonlySet<string> | undefined)[]
  ): void {
    const exchange = (ctx: TokenEndpointGrantContext<P>) => this.exchange(ctx, async () => handle(ctx));
    super.registerGrantType(name, exchange, ...rest);
  }

  override registerResponseMode(...[name, handler]: Parameters<Provider['registerResponseMode']>): void {
    if (name !== 'query') return;
    super.registerResponseMode('query', handler);
    super.registerResponseMode('fragment', handler);
  }
}

/** The OAuth engine. It is a koa application too, and the one that everything else is mounted on. */
export function createProvider(foundation: Foundation): AuthorizationProvider {
  const { configuration, db, log } = foundation;
  const provider = new AuthorizationProvider(configuration.issuer, configureProvider(foundation));
  // SHA-256 in the place of the default, SHA-1.
  provider.keys = new Keygrip([...configuration.cookieKeys], 'sha256');
  // Protocol and host come from headers that our own first middleware writes: see `trust-boundary.ts`.
  provider.proxy = true;
  provider.exchange = createExchange(db);
  compareHashedSecrets(provider, db);
  keepSessionIdentifiers(provider);
  bindLogins(provider);
  logProviderEvents(provider, log);
  return provider;
}
