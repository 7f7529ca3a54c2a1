import { proofAlgorithms } from '@aipassport/contracts';
import type { CredentialScheme } from '../steps/read-access-token.js';
import type { ErrorDescription } from './error-description.js';

export interface ChallengePlace {
  /** The scheme that the client has used; undefined when it has sent no token. */
  readonly scheme: CredentialScheme | undefined;
  readonly metadataUrl: string;
  /** The scope that the operation needs; may be empty. */
  readonly scopeHint: string;
}

/**
 * Builds `WWW-Authenticate` (RFC 6750 section 3, RFC 9449 section 7.1, RFC 9728 section 5.1). The error is reported
 * with the scheme that the client has used. A 401 names both schemes, unless the client uses `DPoP` already. A request
 * without a token gets no error code (RFC 6750 section 3.1).
 */
export function buildChallenge(description: ErrorDescription, place: ChallengePlace): string {
  const { error, scope = place.scopeHint } = description.challenge ?? {};
  const metadata = `resource_metadata="${place.metadataUrl}"`;
  const algorithms = `algs="${proofAlgorithms.join(' ')}"`;
  const parameters = [metadata];
  if (error !== undefined)
    parameters.push(`error="${error}"`, `error_description="${asQuotedText(description.message)}"`);
  if (scope !== '') parameters.push(`scope="${scope}"`);
  if (place.scheme === 'DPoP') return `DPoP ${[...parameters, algorithms].join(', ')}`;
  const bearer = `Bearer ${parameters.join(', ')}`;
  return description.status === 401 ? `${bearer}, DPoP ${metadata}, ${algorithms}` : bearer;
}

/** RFC 6750 section 3 allows printable ASCII characters in `error_description`, except quotes and backslashes. */
function asQuotedText(message: string): string {
  return message.replaceAll('’', "'").replace(/[^\x20-\x7e]|["\\]/g, '');
}
