import type { ErrorDescription } from '../denials/describe-denial.js';

/** For an upstream's error that is not in the vendor's own shape: a page of a CDN, for instance. */
export function genericUpstreamError(status: number): ErrorDescription {
  return { status, code: 'upstream_unavailable', message: 'The AI provider answered with an error.' };
}
