import { commonRateHeaders, type SdkForm } from '../sdk-form.js';

/**
 * https://cloud.google.com/apis/design/errors. Google's API has no headers for rate limits, so the headers for the
 * remaining requests and tokens have the names that are most common elsewhere.
 */
export const googleForm: SdkForm = {
  buildEnvelope: ({ status, code, message, field, limit, headers }, requestId) => ({
    error: {
      code: status,
      message,
      status: statusOf(status),
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: code.toUpperCase(),
          domain: 'aipassport',
          metadata: { request_id: requestId, ...(field && { field }), ...(limit && { limit }) },
        },
        ...describeDelay(headers?.['retry-after']),
      ],
    },
  }),
  requestIdHeaders: [],
  rateHeaders: commonRateHeaders,
};

/** Google's clients read the time to wait from this detail. They do not read it from a header. */
function describeDelay(seconds: string | undefined): readonly unknown[] {
  return seconds === undefined
    ? []
    : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` }];
}

function statusOf(status: number): string {
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'PERMISSION_DENIED';
  if (status === 404) return 'NOT_FOUND';
  if (status === 409) return 'ALREADY_EXISTS';
  if (status === 402 || status === 429) return 'RESOURCE_EXHAUSTED';
  if (status === 424) return 'FAILED_PRECONDITION';
  if (status === 503 || status === 502) return 'UNAVAILABLE';
  if (status === 504) return 'DEADLINE_EXCEEDED';
  return status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL';
}
