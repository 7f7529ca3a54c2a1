import { AuthorizationResponseError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';

/** Whether the authorization server answered with this OAuth error code, in a body or in a redirect. */
export function isOAuthError(error: unknown, code: string): boolean {
  return findOAuthErrorCode(error) === code;
}

/** The OAuth error code of an answer; undefined when the failure is something else. */
export function findOAuthErrorCode(error: unknown): string | undefined {
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError) return error.error;
  // Failed client authentication is answered with a challenge (RFC 6749 section 5.2).
  if (error instanceof WWWAuthenticateChallengeError) return error.status === 401 ? 'invalid_client' : undefined;
  return undefined;
}
