import Keygrip from 'keygrip';
import Provider, { type Configuration as ProviderConfiguration } from 'oidc-provider';
import { cookieNames } from '../cookie-names.js';
import type { Foundation } from '../dependencies.js';
import { createAdapterFactory } from './adapter.js';
import { registeredByMember } from './client-adapter.js';
import { mayCallFromOrigin } from './client-origins.js';
import { compareHashedSecrets } from './client-secrets.js';
import { describeFeatures } from './features.js';
import { createAccountFinder } from './find-account.js';
import { createInteractionPolicy } from './interaction-policy.js';
import { createLifetimes } from './lifetimes.js';
import { createGrantLoader } from './load-existing-grant.js';
import { logProviderEvents } from './log-provider-events.js';
import { paths } from './paths.js';
import { createAccessTokenPersister } from './persist-access-token.js';
import { createErrorRenderer } from './render-error.js';

/**
 * oidc-provider, answering authorization requests by `query` only: fragments and forms that submit themselves leak
 * more. The name `fragment` stays, for it is where errors of other response types go: they too come by `query`.
 */
export class AuthorizationProvider extends Provider {
  override registerResponseMode(...[name, handler]: Parameters<Provider['registerResponseMode']>): void {
    if (name !== 'query') return;
    super.registerResponseMode('query', handler);
    super.registerResponseMode('fragment', handler);
  }
}

/** Configures the OAuth engine. It is a koa application too, and the one that everything else is mounted on. */
export function createProvider(foundation: Foundation): AuthorizationProvider {
  const { configuration, db, now } = foundation;
  const provider = new AuthorizationProvider(configuration.issuer, configureProvider(foundation));
  // SHA-256 in the place of the default, SHA-1.
  provider.keys = new Keygrip([...configuration.cookieKeys], 'sha256');
  // Protocol and host come from headers that our own first middleware writes: see `trust-boundary.ts`.
  provider.proxy = true;
  compareHashedSecrets(provider, db);
  logProviderEvents(provider, foundation.log);
  return provider;

  function configureProvider({ configuration: { issuer, resourceProxyUrl } }: Foundation): ProviderConfiguration {
    const names = cookieNames(configuration);
    return {
      adapter: createAdapterFactory(db, resourceProxyUrl),
      jwks: { keys: configuration.signingKeys.map((key) => ({ ...key })) },
      routes: {
        authorization: paths.authorization,
        token: paths.token,
        introspection: paths.introspection,
        revocation: paths.revocation,
        registration: paths.registration,
        jwks: paths.jwks,
        end_session: paths.endSession,
        pushed_authorization_request: paths.pushedAuthorizationRequest,
      },
      cookies: {
        names: { session: names.providerSession, interaction: names.interaction, resume: names.resume },
        keys: [...configuration.cookieKeys],
        long: { httpOnly: true, sameSite: 'lax', signed: true, path: '/' },
        short: { httpOnly: true, sameSite: 'lax', signed: true },
      },
      features: describeFeatures(configuration),
      responseTypes: ['code'],
      scopes: ['openid', 'profile', 'offline_access'],
      subjectTypes: ['public'],
      clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
      clientDefaults: {
        id_token_signed_response_alg: 'ES256',
        authorization_details_types: ['ai_access'],
        response_modes: ['query'],
      },
      enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
      extraClientMetadata: { properties: [registeredByMember], validator: () => undefined },
      pkce: { required: () => true },
      ttl: createLifetimes(now),
      formats: { customizers: { jwt: createAccessTokenPersister(db) } },
      extraTokenClaims: (_ctx, token) => ('grantId' in token ? { grant_id: token.grantId } : undefined),
      findAccount: createAccountFinder(db),
      interactions: { policy: createInteractionPolicy(), url: (_ctx, { uid }) => `/interaction/${uid}` },
      loadExistingGrant: createGrantLoader(db),
      clientBasedCORS: mayCallFromOrigin,
      // Tokens live as long as their grant: signing out ends a session, and revoking ends a grant.
      expiresWithSession: () => false,
      issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
      rotateRefreshToken: true,
      // RFC 7009, a replayed code, a reused refresh token: whatever ends a token ends its grant.
      revokeGrantPolicy: () => true,
      renderError: createErrorRenderer(foundation),
      // Client metadata names URLs (`sector_identifier_uri`, `jwks_uri`); nothing is fetched for anybody (SSRF).
      fetch: async () => Promise.reject(new Error(`${issuer} fetches nothing on behalf of clients`)),
    };
  }
}
