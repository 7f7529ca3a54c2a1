import type { Configuration as ProviderConfiguration } from 'oidc-provider';
import type { Configuration } from '../configuration.js';
import type { Foundation } from '../foundation.js';
import { adminEndpoint } from './admin/admin-resource.js';
import { describeRichAuthorizationRequests } from './authorization-details.js';
import { isHighAssurance } from './client-profiles.js';
import { describeDPoP } from './describe-dpop.js';
import { createIntrospectionPolicy, mayRevoke } from './engine/signed-tokens.js';
import { managementEndpoint } from './grant-management/management-resource.js';
import { chooseResource, createResourceServerInfo, isClientCredentials } from './resource-server.js';

/** The features that are enabled, and the reasons why the others are disabled. */
export function describeFeatures(
  foundation: Pick<Foundation, 'configuration' | 'now'>,
): NonNullable<ProviderConfiguration['features']> {
  const { configuration } = foundation;
  const { resourceProxyUrl, signingKeys, models } = configuration;
  const management = managementEndpoint(configuration);
  const admin = adminEndpoint(configuration);
  return {
    pushedAuthorizationRequests: { enabled: true },
    fapi: { enabled: true, profile: (_ctx, client) => (isHighAssurance(client) ? '2.0' : undefined) },
    richAuthorizationRequests: describeRichAuthorizationRequests(models),
    resourceIndicators: {
      enabled: true,
      // A client that does not know RFC 8707 gets the right audience too.
      defaultResource: (ctx, _client, oneOf) =>
        isClientCredentials(ctx) ? management : chooseResource(resourceProxyUrl, oneOf),
      useGrantedResource: () => true,
      getResourceServerInfo: createResourceServerInfo({
        resource: resourceProxyUrl,
        management,
        admin,
        signingKeys,
        models,
      }),
    },
    // For the grant management API and the admin API only. The resource proxy refuses these tokens, because they have
    // no grant.
    clientCredentials: { enabled: true },
    introspection: { enabled: true as const, allowedPolicy: createIntrospectionPolicy(configuration) },
    revocation: { enabled: true as const, allowedPolicy: mayRevoke },
    registration: describeRegistration(configuration),
    // An answer of RFC 7592 contains the client's secret, but this server stores only its hash.
    registrationManagement: { enabled: false },
    rpInitiatedLogout: {
      enabled: true,
      // Both pages are rendered by our own middleware: see `logout.ts`.
      logoutSource: () => undefined,
      postLogoutSuccessSource: (ctx) => void (ctx.status = 200),
    },
    dPoP: describeDPoP(foundation),
    // The endpoint is our own: see `serve-userinfo.ts`.
    userinfo: { enabled: false },
    // These are pages for trying oidc-provider out, which are enabled by default.
    devInteractions: { enabled: false },
    // The pages are our own: see the folder `device`.
    deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****' },
  };
}

function describeRegistration({ clientRegistration }: Configuration) {
  const enabled = clientRegistration.kind !== 'off';
  const initialAccessToken = clientRegistration.kind === 'token' ? clientRegistration.token : false;
  return enabled
    ? { enabled: true as const, initialAccessToken, issueRegistrationAccessToken: false }
    : { enabled: false as const };
}
