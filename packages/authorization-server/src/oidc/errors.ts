import { isDatabaseUnavailable } from '@aipassport/store';
import { describeDenial } from '../denials/describe-denial.js';
import { AnsweredHere } from './engine/provider-errors.js';

/** The database cannot be reached. The answer has the status 503. */
export class Unavailable extends AnsweredHere {
  constructor(cause: unknown) {
    super(describeDenial({ reason: 'oauth_database_unavailable' }), cause);
  }
}

/** Too many wrong client secrets from one address. */
export class TooManyAttempts extends AnsweredHere {
  constructor(retryAfterSeconds: number) {
    super(describeDenial({ reason: 'too_many_client_secrets', retryAfterSeconds }));
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
