import Keygrip from 'keygrip';
import type { Foundation } from '../foundation.js';
import { compareHashedSecrets } from './client-secrets.js';
import { configureProvider } from './configure-provider.js';
import { AuthorizationProvider } from './engine/authorization-provider.js';
import { bindLogins } from './engine/bind-logins.js';
import { keepSessionIdentifiers } from './engine/session-identifiers.js';
import { createExchange } from './exchange/exchange-tokens.js';
import { logProviderEvents } from './log-provider-events.js';

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
