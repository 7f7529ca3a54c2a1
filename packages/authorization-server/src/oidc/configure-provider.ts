import { proofAlgorithms } from '@aipassport/contracts';
import { protocolScopeTokens } from '@aipassport/policy';
import type { Configuration as ProviderConfiguration } from 'oidc-provider';
import { cookieNames } from '../cookie-names.js';
import { formatPath, paths } from '../endpoints.js';
import type { Foundation } from '../foundation.js';
import { extraParameters } from './adapt-parameters.js';
import { createAdapterFactory } from './adapter.js';
import { mayCallFromOrigin } from './client-origins.js';
import { isHighAssurance } from './client-profiles.js';
import { describeToken } from './describe-token.js';
import { describeRoutes } from './engine/describe-routes.js';
import { createAccessTokenPersister } from './engine/persist-access-token.js';
import { describeExtraClientMetadata } from './extra-client-metadata.js';
import { describeFeatures } from './features.js';
import { createAccountFinder } from './find-account.js';
import { createManagementParameters } from './grant-management/change-request.js';
import { createInteractionPolicy } from './interaction-policy.js';
import { createLifetimes } from './lifetimes.js';
import { createGrantLoader } from './load-existing-grant.js';
import { clientAuthMethods, detailsTypes, listIdTokenAlgorithms, responseModes, responseTypes } from './offered.js';
import { createErrorRenderer } from './render-error.js';
import { createAssertionCheck } from './require-acceptable-assertion.js';

/** The whole configuration of oidc-provider. An option that is missing here has its default on purpose. */
export function configureProvider(foundation: Foundation): ProviderConfiguration {
  const { configuration, db, now } = foundation;
  const { cookieKeys, signingKeys, idTokenKeys } = configuration;
  const idTokenAlgorithms = listIdTokenAlgorithms(configuration);
  return {
    adapter: createAdapterFactory(db, configuration),
    jwks: { keys: [...signingKeys, ...idTokenKeys].map((key) => ({ ...key })) },
    routes: describeRoutes(),
    cookies: describeCookies(configuration, cookieKeys),
    features: describeFeatures(foundation),

    // OAuth 2.1: one response type, and PKCE for every client. `client_secret_jwt` is not offered.
    responseTypes: [...responseTypes],
    pkce: { required: () => true },
    scopes: [...protocolScopeTokens],
    subjectTypes: ['public'],
    clientAuthMethods: [...clientAuthMethods],
    enabledJWA: {
      idTokenSigningAlgValues: idTokenAlgorithms,
      clientAuthSigningAlgValues: [...proofAlgorithms],
      dPoPSigningAlgValues: [...proofAlgorithms],
    },
    assertJwtClientAuthClaimsAndHeader: createAssertionCheck(now),
    clientDefaults: {
      id_token_signed_response_alg: idTokenAlgorithms[0] ?? 'ES256',
      authorization_details_types: [...detailsTypes],
      response_modes: [...responseModes],
    },
    extraClientMetadata: describeExtraClientMetadata(configuration.redirectSchemes),
    extraParams: { ...extraParameters, ...createManagementParameters(db) },
    clientBasedCORS: mayCallFromOrigin,

    // the owner and their decision
    findAccount: createAccountFinder(db),
    interactions: {
      policy: createInteractionPolicy(configuration),
      url: (_ctx, { uid }) => formatPath(paths.interaction, uid),
    },
    loadExistingGrant: createGrantLoader(db, configuration),

    // tokens
    ttl: createLifetimes(now),
    formats: { customizers: { jwt: createAccessTokenPersister(db, signingKeys[0].kid) } },
    extraTokenClaims: describeToken,
    // Signing out ends a session and not the tokens. Revoking a grant ends its tokens.
    expiresWithSession: () => false,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // FAPI 2.0 Security Profile, section 5.3.2.1: the refresh tokens of a client with that profile are not rotated. A
    // key of the client protects them.
    rotateRefreshToken: (ctx) => ctx.state.keepsRefreshToken !== true && !isHighAssurance(ctx.oidc.client),
    // A revoked token (RFC 7009), a replayed code and a reused refresh token each end their grant. `redeemCode` makes
    // an exception for a client that redeems its code again by accident.
    revokeGrantPolicy: () => true,

    renderError: createErrorRenderer(foundation),
    fetch: refuseToFetch,
  };
}

function describeCookies(
  configuration: Foundation['configuration'],
  keys: readonly string[],
): NonNullable<ProviderConfiguration['cookies']> {
  const { providerSession: session, interaction, resume } = cookieNames(configuration);
  return {
    names: { session, interaction, resume },
    keys: [...keys],
    long: { httpOnly: true, sameSite: 'lax', signed: true, path: '/' },
    short: { httpOnly: true, sameSite: 'lax', signed: true },
  };
}

/**
 * oidc-provider must not fetch URLs from a client's metadata (server-side request forgery). Our own code fetches logos
 * and metadata documents, and checks the IP addresses of their hosts: see `fetch-document.ts`.
 */
async function refuseToFetch(): Promise<never> {
  throw new Error('oidc-provider must not fetch URLs from the metadata of clients');
}
