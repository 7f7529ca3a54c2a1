import type { Outcome } from './outcome.js';

/** What comes instead of an answer cannot be parsed as HTTP: a vendor's server has not written it. */
const noHttp = /^(?:HPE_|HTTPParserError$|UND_ERR_HEADERS_OVERFLOW$|upgrade$)/;

/**
 * Whether a request whose answer tells no usage was not billed by its vendor: an error status, a redirect, what is no
 * answer of its API, or an error in place of all content.
 *
 * Google: "If your request fails with a 400 or 500 error, you won't be charged for the tokens used"
 * (https://ai.google.dev/gemini-api/docs/billing, "FAQ"). The documents of OpenAI and Anthropic name no error that is
 * billed; 24 of 24 such answers were free.
 *
 * @param isFailure what the meter says of the answer's content
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
