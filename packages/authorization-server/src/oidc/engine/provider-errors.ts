import { errors } from 'oidc-provider';
import type { DenialAnswer } from '../../denials/denial-answer.js';

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

/**
 * The error `invalid_scope` (RFC 6749 section 5.2).
 *
 * Assumption: an InvalidScope without a scope is answered without a scope.
 */
export class InvalidScope extends errors.InvalidScope {
  /** @param token the wrong scope token. The library's type requires a string, although its code accepts undefined */
  constructor(description: string, token?: string) {
    super(description, (token || undefined) as string);
  }
}

type Member =
  | 'the metadata'
  | 'client_name'
  | 'redirect_uris'
  | 'post_logout_redirect_uris'
  | 'jwks'
  | 'jwks_uri'
  | 'sector_identifier_uri';

/**
 * Refuses the metadata of a client (RFC 7591 section 3.2.2).
 * @param member the member that is wrong
 *
 * Assumption: an InvalidClientMetadata whose description begins with redirect_uris has the code invalid_redirect_uri.
 */
export function refuseMetadata(member: Member, problem: string): never {
  throw new errors.InvalidClientMetadata(`${member} ${problem}`);
}
