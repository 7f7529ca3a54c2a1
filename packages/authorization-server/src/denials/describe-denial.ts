import { proofAlgorithms } from '@aipassport/contracts';
import { proofProblemTexts } from '@aipassport/policy';
import type { DocumentProblem } from '../documents/fetch-document.js';
import type { Denial } from './denial.js';
import type { DenialAnswer } from './denial-answer.js';
import { describeApiDenial } from './describe-api-denial.js';

/** When to try again after an outage of the database, which restarts in seconds. */
const databaseRetrySeconds = 5;
/** When to try again while many passwords are being hashed. One hash takes a fraction of a second. */
const passwordRetrySeconds = 5;
/** When to try again after a failure of an identity provider. */
const providerRetrySeconds = 30;
const accessTokenNeeded = 'a live access token is needed';

/** The answer to each reason. The statuses and codes of our own answers are chosen only in the files of this folder. */
export function describeDenial(denial: Denial): DenialAnswer {
  switch (denial.reason) {
    case 'host_unknown':
      return { status: 421, code: 'misdirected_request', message: 'This server does not answer for that host.' };
    case 'method_not_served':
      return { status: 405, code: 'method_not_allowed', message: 'This URL does not support this method.' };
    case 'path_unknown':
      return notFound('There is nothing at this URL.');
    case 'text_malformed':
      return invalid(
        'The request contains bytes that are not text: a NUL or another control character, invalid UTF-8, or a percent sign that is not encoded.',
      );
    case 'json_too_deep':
      return invalid(`The JSON of the request is nested more than ${denial.maxDepth} levels deep.`);
    case 'too_many_parameters':
      return invalid('The request has too many parameters.');
    case 'parameters_too_long':
      return invalid(describeLength(denial));
    case 'body_too_large':
      return { status: 413, code: 'payload_too_large', message: 'The request is too large.' };
    case 'body_cut_short':
      return invalid('The request ended before its whole body had arrived.');
    case 'form_missing':
      return invalid('This URL accepts only the data of a form.');
    case 'form_outdated': {
      const message = 'This form is out of date or came from somewhere else. Go back, load the page again, and repeat.';
      return { status: 403, code: 'forbidden_form', message };
    }
    case 'sign_in_too_old': {
      const message = 'This needs a sign-in of the last five minutes. Load the page again and confirm who you are.';
      return { status: 403, code: 'sign_in_too_old', message };
    }
    case 'interaction_over': {
      const message = 'This request is over. Go back to the app and connect again.';
      return { status: 400, code: 'interaction_over', message };
    }
    case 'interaction_elsewhere': {
      const message = 'This request was started in another browser. Go back to the app and connect again.';
      return { status: 403, code: 'interaction_over', message };
    }
    case 'device_request_over': {
      const message = 'This code has expired, or was used already. Start again in your terminal.';
      return { status: 400, code: 'device_request_over', message };
    }
    case 'account_changed': {
      const message =
        'You are signed in to another account than the one with which this request began. Go back to the app and connect again.';
      return { status: 403, code: 'interaction_over', message };
    }
    case 'account_refused': {
      const message = 'Send the form. The next page says what is wrong.';
      return { status: 422, code: 'account_refused', message };
    }
    case 'grant_unknown':
      return notFound('This account has no such connected app. Perhaps you are signed in to another account.');
    case 'invitation_unknown':
      return notFound('You have no unused invitation at this URL.');
    case 'upstream_unknown':
      return notFound('There is no AI provider of this name.');
    case 'too_many_attempts': {
      const minutes = Math.ceil(denial.retryAfterSeconds / 60);
      const message = `There were too many attempts. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`;
      return { status: 429, code: 'too_many_attempts', message, retryAfterSeconds: denial.retryAfterSeconds };
    }
    case 'too_many_passwords': {
      const message = 'Too many people are signing in at the same moment. Try again in a few seconds.';
      return { status: 429, code: 'too_many_attempts', message, retryAfterSeconds: passwordRetrySeconds };
    }
    case 'access_token_missing':
      // RFC 6750 section 3: the challenge names no error when there was no token.
      return { status: 401, code: 'invalid_request', message: accessTokenNeeded, challenge: 'Bearer' };
    case 'access_token_inactive': {
      const challenge = 'Bearer error="invalid_token"';
      return { status: 401, code: 'invalid_token', message: accessTokenNeeded, challenge };
    }
    case 'access_token_bound': {
      const message = 'this access token is bound to a key; send it with the scheme DPoP and a proof (RFC 9449)';
      const challenge = `DPoP error="invalid_token", algs="${proofAlgorithms.join(' ')}"`;
      return { status: 401, code: 'invalid_token', message, challenge };
    }
    case 'access_token_not_bound': {
      const message = 'this access token is not bound to a key; send it with the scheme Bearer';
      return { status: 401, code: 'invalid_token', message, challenge: 'Bearer error="invalid_token"' };
    }
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
    case 'proof_used': {
      const message = proofProblemTexts[denial.reason];
      const challenge = `DPoP error="invalid_dpop_proof", algs="${proofAlgorithms.join(' ')}"`;
      return { status: 401, code: 'invalid_dpop_proof', message, challenge };
    }
    case 'management_scope_missing':
    case 'admin_scope_missing': {
      const challenge = `Bearer error="insufficient_scope", scope="${denial.scope}"`;
      const message = `the access token needs the scope ${denial.scope}`;
      return { status: 403, code: 'insufficient_scope', message, challenge };
    }
    case 'client_grant_unknown':
      return notFound('This client has no live grant with this identifier.');
    case 'api_token_missing':
    case 'api_token_foreign':
    case 'api_token_inactive':
    case 'api_scope_missing':
    case 'api_value_invalid':
    case 'api_object_unknown':
    case 'api_raise_refused':
    case 'api_conflict':
      return describeApiDenial(denial);
    case 'client_document_unreadable': {
      const message = `The app’s description of itself could not be read at its URL: ${documentProblems[denial.problem]}. Go back to the app, and try again later.`;
      return { status: 400, code: 'invalid_client', message };
    }
    case 'client_document_invalid': {
      const message =
        'The app’s description of itself (its client ID metadata document) is not valid: it must be JSON with client_id equal to its own URL, acceptable redirect_uris and no secret.';
      return { status: 400, code: 'invalid_client', message };
    }
    case 'identity_answer_invalid':
      return invalid('The answer of the identity provider is not valid, is too old, or belongs to another browser.');
    case 'identity_provider_unavailable': {
      const message = 'The identity provider cannot be reached at the moment.';
      return temporary(502, message, providerRetrySeconds);
    }
    case 'too_many_client_secrets': {
      const message = 'too many attempts that failed; try again later';
      return temporary(429, message, denial.retryAfterSeconds);
    }
    case 'too_many_tokens': {
      const message = 'too many tokens in a short time; use each access token until it expires';
      return temporary(429, message, denial.retryAfterSeconds);
    }
    case 'oauth_database_unavailable': {
      const message = 'the server cannot reach its database at the moment; try again';
      return temporary(503, message, databaseRetrySeconds);
    }
    case 'database_unavailable': {
      const message = 'The server cannot use its database at the moment. Try again in a few seconds.';
      return temporary(503, message, databaseRetrySeconds);
    }
    case 'unexpected_error':
      return { status: 500, code: 'server_error', message: 'Something went wrong on this server.' };
  }
}

const documentProblems: Readonly<Record<DocumentProblem, string>> = {
  address_refused: 'its host has no public IP address',
  unreachable: 'its host cannot be reached',
  too_slow: 'its host took too long to answer',
  host_failed: 'its host does not work at the moment',
  wrong_status: 'its host did not answer with the status 200',
  wrong_type: 'the document is not JSON',
  too_large: 'it is too large',
};

function invalid(message: string): DenialAnswer {
  return { status: 400, code: 'invalid_request', message };
}

function temporary(status: 429 | 502 | 503, message: string, retryAfterSeconds: number): DenialAnswer {
  return { status, code: 'temporarily_unavailable', message, retryAfterSeconds };
}

function notFound(message: string): DenialAnswer {
  return { status: 404, code: 'not_found', message };
}

function describeLength({ of, maxBytes }: Extract<Denial, { reason: 'parameters_too_long' }>): string {
  switch (of) {
    case 'state':
      return `The state of this request is longer than ${maxBytes} bytes.`;
    case 'authorization_details':
      return `The authorization_details of this request are longer than ${maxBytes} bytes.`;
    case 'all':
      return `The parameters of this request are longer than ${maxBytes} bytes in all.`;
  }
}
