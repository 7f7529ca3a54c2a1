import { errors } from 'oidc-provider';
import { oauthError } from '../describe-oauth-denial.js';

/** The refusal of a refresh token or a code that was used before. */
export class AlreadyConsumed extends errors.InvalidGrant {
  constructor() {
    super({ detail: 'already consumed' });
  }
}

/**
 * The error for the second of two simultaneous uses. oidc-provider ignores the result of the adapter's `consume`, so
 * `consume` must throw.
 *
 * Assumption: an error that consume throws is the answer, and no code or token is issued.
 */
export function alreadyConsumed(model: string): errors.OIDCProviderError {
  return model === 'PushedAuthorizationRequest'
    ? oauthError({ reason: 'request_uri_consumed' })
    : new AlreadyConsumed();
}
