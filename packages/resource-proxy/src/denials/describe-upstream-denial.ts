import type { Denial } from './denial.js';
import type { ErrorDescription } from './error-description.js';
import { refusal } from './final-answer.js';

type UpstreamDenial = Extract<
  Denial,
  {
    readonly reason:
      | 'provider_key_missing'
      | 'provider_key_changed'
      | 'provider_key_unusable'
      | 'provider_key_rejected'
      | 'upstream_unreachable'
      | 'upstream_failed'
      | 'upstream_timeout';
  }
>;

/** Describes refusals because of the provider key, and failures of the AI provider. */
export function describeUpstreamDenial(denial: UpstreamDenial): ErrorDescription {
  switch (denial.reason) {
    case 'provider_key_missing':
      return refusal(
        424,
        denial.reason,
        'The owner has no API key for this AI provider. The owner can add one on the page “API keys” of the authorization server.',
      );
    case 'provider_key_changed':
      return {
        status: 503,
        code: 'temporarily_unavailable',
        message:
          'The owner has just changed the API key of the AI provider. Nothing was forwarded. Send the request again.',
        headers: { 'retry-after': '1' },
      };
    case 'provider_key_unusable':
      return refusal(
        424,
        denial.reason,
        'The owner’s API key for this AI provider can no longer be used. The owner has to enter it again.',
      );
    case 'provider_key_rejected':
      return refusal(
        502,
        denial.reason,
        `The AI provider refused the owner’s API key${denial.code === undefined ? '' : ` (${denial.code})`}. Your access token is valid; the owner has to check the API key.`,
      );
    case 'upstream_unreachable':
      return {
        status: 502,
        code: 'upstream_unavailable',
        message: 'The AI provider could not be reached. The request was not counted.',
      };
    case 'upstream_failed':
      return { status: 502, code: 'upstream_unavailable', message: 'The AI provider did not give a usable answer.' };
    case 'upstream_timeout':
      return { status: 504, code: 'upstream_timeout', message: 'The AI provider did not answer in time.' };
  }
}
