import type { ErrorDescription } from '../denials/error-description.js';

/** Describes an upstream's error that is not in the vendor's own format, for instance a page of a CDN. */
export function genericUpstreamError(status: number): ErrorDescription {
  return { status, code: 'upstream_unavailable', message: 'The AI provider answered with an error.' };
}
