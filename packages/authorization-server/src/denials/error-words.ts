import { type FixedId, type Message, message } from '../texts/texts.js';
import type { Denial } from './denial.js';

/** The texts of an error page: what is wrong, and what the reader can do next. */
export interface ErrorWords {
  readonly title: FixedId;
  readonly message: Message;
  /** Whether the page links to the connected apps. */
  readonly linksToApps?: boolean;
}

/**
 * The texts of the page for a denial. Reasons that only a program can cause share one text. For developers, the details
 * on the page contain the message of the denial itself.
 */
export function describeForReader(denial: Denial): ErrorWords {
  switch (denial.reason) {
    case 'host_unknown':
    case 'path_unknown':
      return notFound('errors.notFound');
    case 'text_malformed':
    case 'json_too_deep':
      return wrongLink('errors.malformed');
    case 'too_many_parameters':
    case 'parameters_too_long':
    case 'body_too_large':
      return wrongLink('errors.tooLarge');
    case 'form_outdated':
    case 'sign_in_too_old':
    case 'form_missing':
    case 'account_refused':
    case 'body_cut_short':
      return { title: 'errors.formTitle', message: message('errors.formOutdated') };
    case 'interaction_over':
      return wrongLink('errors.interactionOver');
    case 'interaction_elsewhere':
      return wrongLink('errors.interactionElsewhere');
    case 'device_request_over':
      return wrongLink('errors.deviceOver');
    case 'account_changed':
      return wrongLink('errors.accountChanged');
    case 'grant_unknown':
      return notFound('errors.appUnknown');
    case 'invitation_unknown':
      return notFound('errors.invitationUnknown');
    case 'upstream_unknown':
      return notFound('errors.providerUnknown');
    case 'too_many_attempts':
    case 'too_many_client_secrets':
    case 'too_many_tokens': {
      const minutes = Math.ceil(denial.retryAfterSeconds / 60);
      return { title: 'errors.tooManyTitle', message: message('errors.tooManyAttempts', { minutes }) };
    }
    case 'too_many_passwords':
      return { title: 'errors.tooManyTitle', message: message('errors.busy') };
    case 'identity_answer_invalid':
      return { title: 'errors.formTitle', message: message('identity.answerInvalid') };
    case 'identity_provider_unavailable':
      return { title: 'errors.downTitle', message: message('identity.providerDown') };
    case 'client_document_unreadable':
      return wrongLink('errors.clientUnreachable');
    case 'client_document_invalid':
      return wrongLink('errors.clientInvalid');
    case 'oauth_database_unavailable':
    case 'database_unavailable':
      return { title: 'errors.downTitle', message: message('errors.databaseDown') };
    case 'unexpected_error':
      return { title: 'errors.downTitle', message: message('errors.unexpected') };
    case 'method_not_served':
    case 'access_token_missing':
    case 'access_token_inactive':
    case 'access_token_bound':
    case 'access_token_not_bound':
    case 'management_scope_missing':
    case 'admin_scope_missing':
    case 'client_grant_unknown':
    case 'api_token_missing':
    case 'api_token_foreign':
    case 'api_token_inactive':
    case 'api_scope_missing':
    case 'api_value_invalid':
    case 'api_object_unknown':
    case 'api_raise_refused':
    case 'api_conflict':
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
      return wrongLink('errors.goBack');
  }
}

/**
 * The texts of the page for an error of oidc-provider that cannot be sent to the client.
 * @param code `error` (RFC 6749 section 4.1.2.1). oidc-provider has more error codes than are named here
 */
export function describeProviderError(status: number, code: string): ErrorWords {
  switch (code) {
    case 'invalid_client':
      return wrongLink('errors.clientUnknown');
    case 'invalid_redirect_uri':
      return wrongLink('errors.redirectUnknown');
    case 'invalid_request_uri':
      return { title: 'errors.overTitle', message: message('errors.requestOver') };
    case 'temporarily_unavailable':
      return { title: 'errors.downTitle', message: message('errors.databaseDown') };
    default:
      return status >= 500
        ? { title: 'errors.downTitle', message: message('errors.unexpected') }
        : wrongLink('errors.goBack');
  }
}

function wrongLink(id: FixedId): ErrorWords {
  return { title: 'errors.linkTitle', message: message(id) };
}

function notFound(id: FixedId): ErrorWords {
  return { title: 'errors.notFoundTitle', message: message(id), linksToApps: true };
}
