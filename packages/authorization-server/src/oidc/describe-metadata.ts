import { proofAlgorithms } from '@aipassport/contracts';
import { listScopeTokens, protocolScopeTokens } from '@aipassport/policy';
import type { Configuration } from '../configuration.js';
import type { Middleware } from '../context.js';
import { paths } from '../endpoints.js';
import { changeAnswer } from './engine/change-answer.js';
import { managementActions } from './grant-management/change-request.js';
import { managementEndpoint, managementScopes } from './grant-management/management-resource.js';
import { clientAuthMethods, listIdTokenAlgorithms, responseModes } from './offered.js';

const metadataPaths: readonly string[] = [paths.oauthMetadata, paths.openIdMetadata];

/**
 * Corrects oidc-provider's metadata (RFC 8414). oidc-provider does not list the scopes of the models. It lists response
 * modes that are switched off, and the introspection endpoint, which only the resource proxy may use.
 */
export function describeMetadata(
  configuration: Pick<Configuration, 'models' | 'issuer' | 'idTokenKeys' | 'clientDocuments'>,
): Middleware {
  const { models, issuer } = configuration;
  const scopes = [...protocolScopeTokens, ...listScopeTokens(models), ...Object.values(managementScopes)];
  return async (ctx, next) => {
    await next();
    if (!metadataPaths.includes(ctx.path) || ctx.status !== 200) return;
    changeAnswer(ctx, ({ introspection_endpoint: _internal, ...metadata }) => ({
      ...metadata,
      userinfo_endpoint: `${issuer}${paths.userinfo}`,
      scopes_supported: scopes,
      response_modes_supported: responseModes,
      // The claim `sid` is left out, because it is for back-channel logout, which is not offered.
      claims_supported: ['sub', 'iss', 'auth_time'],
      id_token_signing_alg_values_supported: listIdTokenAlgorithms(configuration),
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      client_id_metadata_document_supported: configuration.clientDocuments.enabled,
      grant_management_endpoint: managementEndpoint(configuration),
      grant_management_actions_supported: ['query', 'revoke', ...managementActions],
      grant_management_action_required: false,
      // If this member is missing, clients assume `client_secret_basic` only (RFC 8414 section 2).
      revocation_endpoint_auth_methods_supported: clientAuthMethods,
      revocation_endpoint_auth_signing_alg_values_supported: proofAlgorithms,
    }));
  };
}
