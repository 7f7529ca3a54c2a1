import { isDatabaseUnavailable } from '@aipassport/store';
import { errors } from 'oidc-provider';
import { describeDenial } from '../denials/describe-denial.js';

/**
 * The database cannot be reached: 503. This error is never sent by a redirect, because the client itself was not
 * checked.
 */
export class Unavailable extends errors.OIDCProviderError {
  constructor(cause: unknown) {
    const { status, code, message } = describeDenial({ reason: 'oauth_database_unavailable' });
    super(status, code, { cause });
    this.expose = true;
    this.allow_redirect = false;
    this.error_description = message;
  }
}

/** RFC 6749 section 5.2. */
export class InvalidScope extends errors.InvalidScope {
  /**
   * @param token the scope token that is wrong. Without it the answer has no `scope`, although the library's type
   * requires a string
   */
  constructor(description: string, token?: string) {
    super(description, (token || undefined) as string);
  }
}

/** A refresh token or a code that was used before. */
export class AlreadyConsumed extends errors.InvalidGrant {
  constructor() {
    super({ detail: 'already consumed' });
  }
}

/** Too many wrong client secrets from one address. */
export class TooManyAttempts extends errors.OIDCProviderError {
  constructor(retryAfterSeconds: number) {
    const { status, code, message } = describeDenial({ reason: 'too_many_client_secrets', retryAfterSeconds });
    super(status, code);
    this.error_description = message;
  }
}

/** Turns an outage of the database into a 503. oidc-provider answers an error that is not its own with 500. */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw isDatabaseUnavailable(cause) ? new Unavailable(cause) : cause;
  }
}
