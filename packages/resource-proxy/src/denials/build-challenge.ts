import type { ErrorDescription } from './describe-denial.js';

/**
 * `WWW-Authenticate` as RFC 6750 section 3 and RFC 9728 section 5.1 have it. A request without any token is told
 * where to get one, and no error: it has made none.
 */
export function buildChallenge(description: ErrorDescription, resourceMetadataUrl: string, scopeHint: string): string {
  const { error, scope = scopeHint } = description.challenge ?? {};
  const parameters = [`resource_metadata="${resourceMetadataUrl}"`];
  if (error !== undefined)
    parameters.push(`error="${error}"`, `error_description="${asQuotedText(description.message)}"`);
  if (scope !== '') parameters.push(`scope="${scope}"`);
  return `Bearer ${parameters.join(', ')}`;
}

/** RFC 6750 section 3 allows neither quotes nor anything beyond ASCII in `error_description`. */
function asQuotedText(message: string): string {
  return message.replaceAll('’', "'").replace(/[^\x20-\x7e]|["\\]/g, '');
}
