import type { Denial } from '../denials/denial.js';

/** The error codes of oidc-provider's refusals (RFC 6749, 6750, 7591, 8628, 8707, 9396, 9449 and OpenID Connect). */
const engineErrors = [
  'access_denied',
  'authorization_pending',
  'consent_required',
  'expired_token',
  'insufficient_scope',
  'interaction_required',
  'invalid_authorization_details',
  'invalid_client',
  'invalid_client_metadata',
  'invalid_dpop_proof',
  'invalid_grant',
  'invalid_redirect_uri',
  'invalid_request',
  'invalid_request_object',
  'invalid_request_uri',
  'invalid_scope',
  'invalid_software_statement',
  'invalid_target',
  'invalid_token',
  'login_required',
  'request_not_supported',
  'request_uri_not_supported',
  'server_error',
  'slow_down',
  'temporarily_unavailable',
  'unapproved_software_statement',
  'unauthorized_client',
  'unmet_authentication_requirements',
  'unsupported_grant_type',
  'unsupported_response_mode',
  'unsupported_response_type',
  'unsupported_token_type',
  'use_dpop_nonce',
] as const;

type EngineError = (typeof engineErrors)[number];

/** Why a request was refused. `other`: oidc-provider has an error code that this file does not know. */
export type RefusalLabel = Denial['reason'] | EngineError | 'other';

const known: ReadonlyMap<string, EngineError> = new Map(engineErrors.map((code) => [code, code]));

/** A refusal of oidc-provider, by its error code. */
export function labelEngineError(code: string): RefusalLabel {
  return known.get(code) ?? 'other';
}
