import Keygrip from 'keygrip';
import type { Foundation } from '../foundation.js';
import { compareHashedSecrets } from './client-secrets.js';
import { configureProvider } from './configure-provider.js';
import { countFailedAuthentications } from './count-failed-authentications.js';
import { AuthorizationProvider } from './engine/authorization-provider.js';
import { bindLogins } from './engine/bind-logins.js';
import { keepSessionIdentifiers } from './engine/session-identifiers.js';
import { createDelegate } from './exchange/delegate.js';
import { createExchange } from './exchange/exchange-tokens.js';
import { logProviderEvents } from './log-provider-events.js';
import { recordUses } from './record-uses.js';

/** Creates the OAuth engine. The engine is also the koa application to which all our middleware is added. */
export function createProvider(foundation: Foundation): AuthorizationProvider {
  const { configuration, db, now, refusals } = foundation;
  const provider = new AuthorizationProvider(configuration.issuer, configureProvider(foundation));
  // Cookies are signed with SHA-256. Keygrip's default is SHA-1.
  provider.keys = new Keygrip([...configuration.cookieKeys], 'sha256');
  // Protocol and host are read from headers that our own middleware has overwritten: see `trust-boundary.ts`.
  provider.proxy = true;
  provider.exchange = createExchange(db, createDelegate(foundation));
  compareHashedSecrets(provider, db);
  recordUses(provider, db, now);
  keepSessionIdentifiers(provider);
  bindLogins(provider);
  logProviderEvents(provider, foundation);
  countFailedAuthentications(provider, refusals);
  return provider;
}
