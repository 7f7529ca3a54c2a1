import { EventEmitter } from 'node:events';
import type Koa from 'koa';
import { createPasswords } from './account/passwords.js';
import { compileBodies } from './api/bodies.js';
import { createApiRouter } from './api/routes.js';
import { readDeveloperDocuments } from './developers/developer-documents.js';
import { openLogos } from './documents/logos.js';
import { readClientDocuments } from './documents/read-client-documents.js';
import { compileForms } from './forms.js';
import type { Foundation } from './foundation.js';
import { openIdentityClients } from './identity/identity-clients.js';
import { resumeOnce } from './interaction/resume-once.js';
import { allowOrigins } from './middleware/allow-origins.js';
import { answerErrors } from './middleware/answer-errors.js';
import { assignRequest } from './middleware/assign-request.js';
import { requireText } from './middleware/require-text.js';
import { restrictMethods } from './middleware/restrict-methods.js';
import { setContentSecurityPolicy, setSecurityHeaders } from './middleware/security-headers.js';
import { serveAssets } from './middleware/serve-assets.js';
import { serveKnownPaths } from './middleware/serve-known-paths.js';
import { enforceTrustBoundary } from './middleware/trust-boundary.js';
import { adaptDetails } from './oidc/adapt-details.js';
import { adaptParameters } from './oidc/adapt-parameters.js';
import { adaptRegistrations } from './oidc/adapt-registrations.js';
import { alignSession } from './oidc/align-session.js';
import { answerRevocations } from './oidc/answer-revocations.js';
import { boundRequests } from './oidc/bound-requests.js';
import { spellResources } from './oidc/canonical-resource.js';
import { createProvider } from './oidc/create-provider.js';
import { describeMetadata } from './oidc/describe-metadata.js';
import { describeRefusal } from './oidc/describe-refusal.js';
import { describeRefusals } from './oidc/engine/describe-refusals.js';
import { replaceSignedTokens } from './oidc/engine/signed-tokens.js';
import { serveGrants } from './oidc/grant-management/serve-grants.js';
import { limitAnonymousRequests } from './oidc/limit-anonymous-requests.js';
import { limitRegistrations } from './oidc/limit-registrations.js';
import { serveLogout } from './oidc/logout.js';
import { namePollingInterval } from './oidc/name-polling-interval.js';
import { serveUserinfo } from './oidc/serve-userinfo.js';
import { createRouter } from './routes.js';

/** All middleware that a request passes through, in this order. oidc-provider's own routes come last. */
export async function createApplication(foundation: Foundation): Promise<Koa> {
  const { configuration, log } = foundation;
  const provider = createProvider(foundation);
  const logos = openLogos(foundation);
  const documents = readDeveloperDocuments(configuration);
  const identityClients = openIdentityClients(configuration.identityProviders, foundation);
  const passwords = await createPasswords();
  const validators = { forms: compileForms(), bodies: compileBodies() };
  const deps = { ...foundation, provider, passwords, ...validators, logos, documents, identityClients };

  // Without this listener, koa writes to the console when an answer cannot be sent. That line would not be JSON, and a
  // client that has left is not an error of this server.
  EventEmitter.prototype.on.call(provider, 'error', (error: unknown) =>
    log.debug({ event: 'answer_lost', err: error }),
  );

  provider.use(assignRequest(log));
  provider.use(setSecurityHeaders(configuration));
  provider.use(setContentSecurityPolicy);
  provider.use(answerErrors(foundation));
  provider.use(restrictMethods);
  provider.use(enforceTrustBoundary(configuration));
  provider.use(serveKnownPaths);
  provider.use(requireText);
  provider.use(serveAssets(foundation));
  provider.use(allowOrigins(foundation));
  provider.use(createRouter(deps).routes());
  provider.use(createApiRouter(deps).routes());
  provider.use(limitRegistrations(foundation));
  provider.use(adaptRegistrations(configuration));
  provider.use(boundRequests);
  provider.use(adaptParameters);
  provider.use(adaptDetails(configuration.models));
  provider.use(spellResources(configuration));
  provider.use(describeMetadata(configuration));
  provider.use(namePollingInterval);
  provider.use(describeRefusals(provider, describeRefusal));
  provider.use(answerRevocations);
  provider.use(replaceSignedTokens(foundation));
  provider.use(serveUserinfo(provider, foundation));
  provider.use(serveGrants(provider, foundation));
  provider.use(serveLogout(foundation));
  provider.use(alignSession(provider, foundation));
  provider.use(limitAnonymousRequests(foundation));
  provider.use(readClientDocuments(foundation));
  provider.use(resumeOnce(foundation));
  return provider;
}
