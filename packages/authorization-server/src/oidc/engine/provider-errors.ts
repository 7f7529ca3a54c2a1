import { errors } from 'oidc-provider';
import type { DenialAnswer } from '../../denials/denial-answer.js';
import type { MetadataMember } from '../oauth-denial.js';

/**
 * An error with our own answer. It is never sent by a redirect, because the client itself may not have been checked.
 *
 * Assumption: an error with expose is answered with its status, its message and its error_description.
 * Assumption: an error whose allow_redirect is false is answered with a page and not with a redirect.
 */
export class AnsweredHere extends errors.OIDCProviderError {
  constructor({ status, code, message }: Pick<DenialAnswer, 'status' | 'code' | 'message'>, cause?: unknown) {
    super(status, code, { cause });
    this.expose = true;
    this.allow_redirect = false;
    this.error_description = message;
  }
}

interface ErrorOptions {
  /** Why the request is refused. It is logged, and not part of the answer. */
  readonly detail: string;
}

/**
 * The error `invalid_scope` (RFC 6749 section 5.2).
 *
 * Assumption: an InvalidScope without a scope is answered without a scope.
 */
export class InvalidScope extends errors.InvalidScope {
  /** @param token the wrong scope token. The library's type requires a string, although its code accepts undefined */
  constructor(description: string, { token, detail }: ErrorOptions & { readonly token?: string }) {
    super(description, (token || undefined) as string, { detail });
  }
}

/**
 * Metadata of a client that is not acceptable (RFC 7591 section 3.2.2).
 *
 * Assumption: an InvalidClientMetadata whose description begins with redirect_uris has the code invalid_redirect_uri.
 */
export class InvalidMetadata extends errors.InvalidClientMetadata {
  constructor(member: MetadataMember, rule: string, { detail }: ErrorOptions) {
    super(`${member} ${rule}`, { detail });
  }
}
