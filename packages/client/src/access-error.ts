/**
 * A limit that a request has reached. `account_budget`: the owner's spending limit for all apps together.
 * `operator_budget`: the operator's spending cap for owners without an API key of their own. All other words are limits
 * of the grant.
 */
export type ReachedLimit = 'requests' | 'budget' | 'day_budget' | 'month_budget' | 'account_budget' | 'operator_budget';

/** Why a client has no access to the owner's AI. The message is for people. */
export abstract class AccessError extends Error {
  /** A stable word, for logs and for `switch`. */
  abstract readonly code: string;
}

/** The owner pressed Deny. */
export class AccessDeniedError extends AccessError {
  override readonly name = 'AccessDeniedError';
  readonly code = 'access_denied';

  constructor(options?: ErrorOptions) {
    super('The owner did not allow access.', options);
  }
}

/**
 * The access has ended at the time that the owner chose, or a terminal showed its code (RFC 8628) and the owner did not
 * decide in time. Ask the owner again.
 */
export class AccessExpiredError extends AccessError {
  override readonly name = 'AccessExpiredError';
  readonly code = 'access_expired';

  constructor(options?: ErrorOptions) {
    super('The access has expired. Connect again.', options);
  }
}

/** The owner, the operator or this client has ended the access. Ask the owner again. */
export class AccessRevokedError extends AccessError {
  override readonly name = 'AccessRevokedError';
  readonly code = 'access_revoked';

  constructor(options?: ErrorOptions) {
    super('The access was removed. Connect again.', options);
  }
}

const limitMessages: Readonly<Record<ReachedLimit, string>> = {
  requests: 'All requests that the owner allowed are used.',
  budget: 'What is left of the spending limit does not cover this request.',
  day_budget: 'What is left of today’s spending limit does not cover this request.',
  month_budget: 'What is left of this month’s spending limit does not cover this request.',
  account_budget: 'What is left of the owner’s overall spending limit for this month does not cover this request.',
  operator_budget:
    'The spending cap of the operator’s keys does not cover this request. It works if the owner adds an API key of their own.',
};

/**
 * The proxy answered 402: a limit is reached. A short wait does not help. The owner can allow more. If the operator's
 * cap is reached, the owner can add an API key instead.
 */
export class LimitReachedError extends AccessError {
  override readonly name = 'LimitReachedError';
  readonly code = 'limit_reached';
  readonly limit: ReachedLimit;
  /**
   * The page where the owner can allow more or add an API key. Its origin is the issuer's. Undefined when the
   * answer names no such page.
   */
  readonly pageUrl: string | undefined;

  constructor(limit: ReachedLimit, pageUrl: string | undefined, options?: ErrorOptions) {
    super(limitMessages[limit], options);
    this.limit = limit;
    this.pageUrl = pageUrl;
  }

  /** Whether more can be allowed by raising a limit of the grant. */
  get isOfGrant(): boolean {
    return this.limit !== 'account_budget' && this.limit !== 'operator_budget';
  }
}

/** The owner did not allow this model or this capability. */
export class ScopeMissingError extends AccessError {
  override readonly name = 'ScopeMissingError';
  readonly code = 'scope_missing';
  /**
   * All scope tokens that the request needs, with spaces between them. They include those that are granted already, so
   * the client can ask for exactly this scope. undefined when the answer does not name them.
   */
  readonly scope: string | undefined;

  constructor(scope: string | undefined, options?: ErrorOptions) {
    super(`The owner did not allow this${scope === undefined ? '' : `. It needs: ${scope}`}.`, options);
    this.scope = scope;
  }
}

/**
 * The authorization server refused a request for a reason that no other class describes. `error` is the server's code
 * (RFC 6749, RFC 8628).
 */
export class AuthorizationFailedError extends AccessError {
  override readonly name = 'AuthorizationFailedError';
  readonly code = 'authorization_failed';
  readonly error: string;

  constructor(error: string, options?: ErrorOptions) {
    super(`The authorization server refused the request: ${error}.`, options);
    this.error = error;
  }
}

/** A callback that does not belong to a request of this client: an old link, or a forged one (RFC 9700 section 4.7). */
export class UnknownCallbackError extends AccessError {
  override readonly name = 'UnknownCallbackError';
  readonly code = 'unknown_callback';

  constructor(options?: ErrorOptions) {
    super('The link that led back to this app does not belong to a request that it made. Connect again.', options);
  }
}
