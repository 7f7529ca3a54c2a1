import { ClientError } from 'openid-client';
import type { Explanation } from '../../browser/chat-event.js';
import { describeError, type Log } from '../log.js';
import { explainRefusal } from '../refusal/explain-refusal.js';
import { UnknownStateError } from './finish-authorization.js';
import { findOAuthErrorCode } from './is-oauth-error.js';
import { isConnectionFailure } from './oauth-client.js';

/**
 * Explains to the person at the browser why there is no connection. Logs the error, unless the answer belongs to no
 * request of this browser or the authorization server cannot be reached.
 */
export function explainAuthorizationFailure(error: unknown, issuer: string, log: Log): Explanation {
  if (error instanceof UnknownStateError) {
    return {
      title: 'This answer does not belong to a request from this browser.',
      advice: 'It may be old, or this app may have restarted. Nothing was connected. Try connecting again.',
    };
  }
  if (isConnectionFailure(error) || (error instanceof ClientError && error.code === 'OAUTH_TIMEOUT')) {
    return explainRefusal({ reason: 'authorization_server_unavailable' }, issuer);
  }
  const code = findOAuthErrorCode(error);
  log('authorization_failed', describeError(error, code));
  return code === undefined ? explainRefusal({ reason: 'unexpected' }, issuer) : explainOAuthError(code);
}

function explainOAuthError(code: string): Explanation {
  switch (code) {
    case 'access_denied':
      return {
        title: 'Connection canceled.',
        advice: 'Demo Chat has no access to your AI. You can change what it asks for below.',
      };
    case 'invalid_scope':
    case 'invalid_authorization_details':
      return {
        title: 'AIPassport doesn’t recognize something this app asked for.',
        advice: 'Choose other models or other limits, and connect again.',
      };
    case 'temporarily_unavailable':
    case 'server_error':
      return { title: 'Something went wrong at AIPassport.', advice: 'Nothing was connected. Try again in a moment.' };
    default:
      return {
        title: 'AIPassport refused the request.',
        advice: `The error code is “${code}”. Nothing was connected.`,
      };
  }
}
