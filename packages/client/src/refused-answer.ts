import type { AccessError } from './access-error.js';

/** Whether the proxy refused the access token itself (RFC 6750 section 3.1), so that a new token helps. */
export function isTokenRefused(response: Response): boolean {
  return response.status === 401 && /error="invalid_token"/.test(response.headers.get('www-authenticate') ?? '');
}

/**
 * Builds the response that an SDK gets instead of the proxy's, when the access has ended. The body has the members of
 * all the SDKs' formats, and the header keeps the SDKs from trying again.
 */
export function answerRefusal(end: AccessError | undefined): Response {
  const message = end?.message ?? 'The access has ended.';
  const code = 'invalid_token';
  const error = {
    type: 'authentication_error',
    message,
    code,
    status: 'UNAUTHENTICATED',
    details: { error_code: code },
  };
  return Response.json({ type: 'error', error }, { status: 401, headers: { 'x-should-retry': 'false' } });
}
