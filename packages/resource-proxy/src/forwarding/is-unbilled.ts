import type { Outcome } from './outcome.js';

/** Error codes for an answer that is not HTTP. Such an answer does not come from the vendor's server. */
const noHttp = /^(?:HPE_|HTTPParserError$|UND_ERR_HEADERS_OVERFLOW$|upgrade$)/;

/**
 * Whether the vendor did not bill a request whose answer reports no usage. Vendors do not bill a request whose answer
 * is an error status, a redirect, an error in place of all content, or not an answer of the vendor's API.
 * `upstreams/<dialect>/errors.ts` cites what each vendor says about billing.
 *
 * @param isFailure whether the meter found that the answer's content is a failure
 */
export function isUnbilled(outcome: Exclude<Outcome, { kind: 'unreached' }>, isFailure: boolean): boolean {
  switch (outcome.kind) {
    case 'refused': {
      const { denial, status } = outcome;
      if (status !== undefined || denial.reason === 'provider_key_rejected') return true;
      return denial.reason === 'upstream_failed' && noHttp.test(denial.detail ?? '');
    }
    case 'answered':
    case 'drained':
      return outcome.status >= 400 || isFailure;
    case 'broken':
      return isFailure;
  }
}
