import { isDatabaseUnavailable } from '@aipassport/store';
import { errors } from 'oidc-provider';

/** The database is away. Never a redirect and never a guess: 503, and the client may come again. */
export class Unavailable extends errors.OIDCProviderError {
  constructor(cause: unknown) {
    super(503, 'temporarily_unavailable', { cause });
    this.expose = true;
    this.allow_redirect = false;
    this.error_description = 'the server cannot reach its database at the moment; try again';
  }
}

/** RFC 6749 section 5.2. */
export class InvalidScope extends errors.InvalidScope {
  /** @param token which is wrong; without one the answer has no `scope`, where the library's types want a text */
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
  constructor() {
    super(429, 'temporarily_unavailable');
    this.error_description = 'too many attempts that failed; try again later';
  }
}

/** oidc-provider answers any foreign error with 500; this tells it apart when the database did not answer. */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw isDatabaseUnavailable(cause) ? new Unavailable(cause) : cause;
  }
}
