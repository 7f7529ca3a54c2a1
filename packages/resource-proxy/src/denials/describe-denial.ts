import type { Denial } from './denial.js';
import { describeBodyDenial } from './describe-body-denial.js';
import { describeFieldDenial } from './describe-field-denial.js';
import { describeLimitDenial } from './describe-limit-denial.js';
import { describeProofDenial } from './describe-proof-denial.js';
import { describeStateDenial } from './describe-state-denial.js';
import { describeUpstreamDenial } from './describe-upstream-denial.js';
import type { ErrorDescription } from './error-description.js';
import { isOutage } from './outages.js';
import { describeCostProblem, describeUnserved } from './problem-texts.js';

/** How long clients should wait when a service that the proxy needs is unavailable. */
const outageRetryAfterSeconds = '5';

/** The single mapping from reasons to answers. The code does not compile while a reason has no answer here. */
export function describeDenial(denial: Denial): ErrorDescription {
  if (isOutage(denial)) return outage;
  switch (denial.reason) {
    case 'target_malformed':
      return invalid('The request target must be a path on this server.');
    case 'header_repeated':
      return invalid('A header that may occur once was sent more than once.');
    case 'body_unexpected':
      return invalid('This request must not have a body.');
    case 'path_unknown':
      return {
        status: 404,
        code: 'not_found',
        message: 'There is no such operation. The client guide lists the operations, under "What is served".',
      };
    case 'method_not_allowed':
      return {
        status: 405,
        code: 'method_not_allowed',
        message: `This path takes ${denial.allow} only.`,
        headers: { allow: denial.allow },
      };
    case 'query_not_allowed':
      if (denial.field === undefined) return invalid('The query has a parameter that this operation does not accept.');
      return {
        ...invalid(`The query has \`${denial.field}\` twice, or with a value that this operation does not accept.`),
        field: denial.field,
      };
    case 'token_missing':
      return {
        status: 401,
        code: 'invalid_token',
        message: 'The request has no access token. Send it where the SDK sends its API key.',
        challenge: {},
      };
    case 'token_malformed':
      return badToken(
        'The access token is malformed. Send `Authorization: Bearer <token>`, or the header of the SDK; a token that is bound to a key as `Authorization: DPoP <token>`.',
      );
    case 'provider_key_sent':
      return badToken(
        'This is an API key of an AI provider, not an access token. Apps never need that key: its owner adds it at the authorization server, and the app gets an access token there with OAuth. Check the API key that the SDK was given.',
      );
    case 'api_token_sent':
      return badToken(
        'This is an API token of an account, not an access token. It opens the JSON API of the authorization server. For requests to AI models, an app gets an access token with OAuth.',
      );
    case 'credentials_repeated':
      return {
        ...invalid('Send exactly one credential, in exactly one header.'),
        challenge: { error: 'invalid_request' },
      };
    case 'credential_in_url':
      return {
        ...invalid('The URL contains a credential. URLs end up in logs, so send the access token in a header.'),
        challenge: { error: 'invalid_request' },
      };
    case 'token_expired':
      return badToken('The access token has expired. Refresh it.');
    case 'token_invalid':
    case 'token_inactive':
      return badToken('The access token is not valid here.');
    case 'grant_unknown':
    case 'grant_revoked':
    case 'grant_expired':
      return badToken('The access to which this token belongs has ended. Ask the owner again.');
    case 'token_bound':
    case 'token_unbound':
    case 'proof_missing':
    case 'proof_repeated':
    case 'proof_malformed':
    case 'proof_type_wrong':
    case 'proof_algorithm_wrong':
    case 'proof_key_unusable':
    case 'proof_key_other':
    case 'proof_method_other':
    case 'proof_url_other':
    case 'proof_time_wrong':
    case 'proof_token_other':
    case 'proof_id_wrong':
    case 'proof_signature_wrong':
    case 'proof_used':
      return describeProofDenial(denial);
    case 'content_type_unsupported':
    case 'content_encoding_unsupported':
    case 'body_too_large':
    case 'body_too_slow':
    case 'body_in_small_chunks':
    case 'body_too_heavy':
    case 'body_share_exceeded':
    case 'body_malformed':
    case 'form_malformed':
      return describeBodyDenial(denial);
    case 'field_not_offered':
    case 'field_forbidden':
    case 'field_invalid':
    case 'value_not_offered':
    case 'stored_state_refused':
    case 'thread_not_stored':
    case 'kind_not_offered':
      return describeFieldDenial(denial);
    case 'state_unknown':
    case 'state_not_kept':
    case 'conversation_locked':
      return describeStateDenial(denial);
    case 'model_missing':
      return { ...invalid('The request must name its model.'), field: 'model' };
    case 'model_unknown':
      return { status: 404, code: 'model_not_found', message: describeUnserved(denial.of), field: 'model' };
    case 'model_unsuited':
      return { ...invalid('The model does not support this operation.'), field: 'model' };
    case 'scope_missing':
      return {
        status: 403,
        code: 'insufficient_scope',
        message: `The owner has not granted ${denial.missingScope}. The request needs the scope: ${denial.requiredScope}`,
        challenge: { error: 'insufficient_scope', scope: denial.requiredScope },
      };
    case 'model_unpriced':
      return {
        ...invalid(`The model has no known price, so it cannot be limited. ${describeUnserved(denial.of)}`),
        field: 'model',
      };
    case 'cost_unbounded':
      return {
        ...invalid(describeCostProblem(denial.driver, denial.problem)),
        field: denial.driver,
      };
    case 'provider_key_missing':
    case 'provider_key_changed':
    case 'provider_key_unusable':
    case 'provider_key_rejected':
    case 'upstream_unreachable':
    case 'upstream_failed':
    case 'upstream_timeout':
      return describeUpstreamDenial(denial);
    case 'stopping':
      return {
        status: 503,
        code: 'temporarily_unavailable',
        message: 'This server is about to stop. Send the request again.',
        headers: { 'retry-after': '1', connection: 'close' },
      };
    case 'client_left':
      return { status: 499, code: 'request_timeout', message: 'The client closed the connection.' };
    default:
      return describeLimitDenial(denial);
  }
}

const outage: ErrorDescription = {
  status: 503,
  code: 'temporarily_unavailable',
  message: 'The service cannot decide about requests at the moment. Nothing was forwarded.',
  headers: { 'retry-after': outageRetryAfterSeconds },
};

/** The answer to an unexpected error. It contains no details of the error. */
export const unexpectedError: ErrorDescription = {
  status: 500,
  code: 'server_error',
  message: 'An unexpected error happened in this service. Its log has the details.',
};

function invalid(message: string): ErrorDescription {
  return { status: 400, code: 'invalid_request', message };
}

function badToken(message: string): ErrorDescription {
  return { status: 401, code: 'invalid_token', message, challenge: { error: 'invalid_token' } };
}
