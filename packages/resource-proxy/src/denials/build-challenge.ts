import type { ErrorDescription } from './error-description.js';

/**
 * Builds `WWW-Authenticate` (RFC 6750 section 3, RFC 9728 section 5.1). A request without a token gets the address of
 * the metadata and no error code, because it made no error.
 */
export function buildChallenge(description: ErrorDescription, resourceMetadataUrl: string, scopeHint: string): string {
  const { error, scope = scopeHint } = description.challenge ?? {};
  const parameters = [`resource_metadata="${resourceMetadataUrl}"`];
  if (error !== undefined)
    parameters.push(`error="${error}"`, `error_description="${asQuotedText(description.message)}"`);
  if (scope !== '') parameters.push(`scope="${scope}"`);
  return `Bearer ${parameters.join(', ')}`;
}

/** RFC 6750 section 3 allows neither quotes nor characters beyond ASCII in `error_description`. */
function asQuotedText(message: string): string {
  return message.replaceAll('’', "'").replace(/[^\x20-\x7e]|["\\]/g, '');
}
