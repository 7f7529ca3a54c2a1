import { proofProblemTexts } from '@aipassport/policy';
import { errors } from 'oidc-provider';
import { InvalidMetadata, InvalidScope } from './engine/provider-errors.js';
import type { MetadataMember, OAuthDenial } from './oauth-denial.js';

/** The type of an access token (RFC 8693 section 3). */
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

/**
 * The error with which oidc-provider answers a denial. The class of the error determines the HTTP status and the OAuth
 * error code. The reason is passed as `detail`, which is logged and not sent. A reason without an answer here does not
 * compile.
 */
export function oauthError(denial: OAuthDenial): errors.OIDCProviderError {
  const { reason: detail } = denial;
  const invalidRequest = (description: string) => new errors.InvalidRequest(description, undefined, { detail });
  switch (denial.reason) {
    case 'max_age_malformed':
      return invalidRequest('invalid max_age parameter value');
    case 'resource_unknown':
      return new errors.InvalidTarget(undefined, { detail });
    case 'scope_token_unknown':
      return new InvalidScope(`scope names a model or capability that is not known: ${clean(denial.token)}`, {
        token: denial.token,
        detail,
      });
    case 'scope_too_long':
      return new InvalidScope(
        'scope names more models than an access token can hold; ask for fewer of them, or for all of a provider with model:<provider>/*',
        { detail },
      );
    case 'admin_scope_not_given':
      return new InvalidScope('scope must name scopes of the admin API that the operator gave this client', { detail });
    case 'details_invalid':
      return new errors.InvalidAuthorizationDetails(`${denial.path} ${denial.rule}`, { detail });
    case 'action_missing':
      return invalidRequest('grant_id needs a grant_management_action');
    case 'action_unknown':
      return invalidRequest('this grant_management_action is not supported');
    case 'grant_id_unexpected':
      return invalidRequest('create makes a new grant; it takes no grant_id');
    case 'grant_id_missing':
      return invalidRequest('this grant_management_action needs a grant_id');
    case 'change_without_browser':
      return invalidRequest('a grant is changed in a browser, at the authorization endpoint');
    case 'grant_id_unknown': {
      const description = 'grant_id names no live grant of this client and this owner';
      return new errors.CustomOIDCProviderError('invalid_grant_id', description, { detail });
    }
    case 'owner_denied':
      return new errors.AccessDenied('the owner denied the request', { detail });
    case 'decision_pending':
      return new errors.AuthorizationPending(undefined, { detail });
    case 'poll_too_early':
      return new errors.SlowDown(undefined, { detail });
    case 'user_code_taken':
      return new errors.TemporarilyUnavailable('the user code is taken; try again', { detail });
    case 'request_uri_consumed':
      return new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used', { detail });
    case 'code_consumed':
    case 'device_code_consumed':
    case 'grant_ended':
      return new errors.InvalidGrant({ detail });
    case 'subject_token_missing':
      return invalidRequest('subject_token is missing');
    case 'subject_token_type_wrong':
      return invalidRequest(`subject_token_type must be ${accessTokenType}`);
    case 'requested_token_type_wrong':
      return invalidRequest(`requested_token_type must be ${accessTokenType}`);
    case 'actor_token_unsupported':
      return invalidRequest('actor_token is not supported');
    case 'subject_token_inactive':
      return invalidRequest('subject_token is not a live access token of this client');
    case 'delegation_too_wide':
      return denial.of === 'scope'
        ? new InvalidScope(denial.problem, { detail })
        : new errors.InvalidAuthorizationDetails(denial.problem, { detail });
    case 'delegation_too_deep':
      return invalidRequest(`a grant has at most ${denial.maxDepth} levels of grants below it`);
    case 'too_many_delegations':
      return invalidRequest(`a grant has at most ${denial.max} live grants below it; end some of them first`);
    case 'scope_not_shared':
      return new InvalidScope('the subject token and this grant have no scope in common', { detail });
    case 'terms_unexpected':
      return invalidRequest(
        'with grant_id, the token gets the scope of that grant; leave out scope and authorization_details',
      );
    case 'delegated_grant_unknown':
      return invalidRequest('grant_id is not a live grant below that of subject_token');
    case 'client_blocked':
    case 'assertion_audience_wrong':
    case 'assertion_in_future':
    case 'assertion_lives_too_long':
      return new errors.InvalidClientAuth({ detail });
    case 'proof_used':
      return new errors.InvalidDpopProof(proofProblemTexts.proof_used, { detail });
    case 'proof_in_future': {
      const description = `iat is more than ${denial.maxSecondsAhead} seconds in the future; set the clock`;
      return new errors.InvalidDpopProof(description, { detail });
    }
    case 'metadata_invalid':
      return new InvalidMetadata(denial.member, denial.rule, { detail });
  }
}

/** Refuses the metadata of a client (RFC 7591 section 3.2.2). `rule`: what the member must be. */
export function refuseMetadata(member: MetadataMember, rule: string): never {
  throw oauthError({ reason: 'metadata_invalid', member, rule });
}

const maxNamedLength = 100;

/**
 * Shortens a scope token, and removes the characters that RFC 6749 section 3.3 forbids in it: they are forbidden in
 * `error_description` too.
 */
function clean(scopeToken: string): string {
  return scopeToken.replace(/[^\x21\x23-\x5b\x5d-\x7e]/g, '').slice(0, maxNamedLength);
}
