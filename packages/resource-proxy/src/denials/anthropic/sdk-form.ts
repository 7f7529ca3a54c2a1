import type { SdkForm } from '../sdk-form.js';

/** https://docs.claude.com/en/api/errors. The SDK does not retry an answer with `x-should-retry: false`. */
export const anthropicForm: SdkForm = {
  buildEnvelope: ({ status, code, message, field, limit }, requestId) => ({
    type: 'error',
    error: {
      type: typeOf(status),
      message,
      details: { error_code: code, ...(field && { field }), ...(limit && { limit }) },
    },
    request_id: requestId,
  }),
  requestIdHeaders: ['request-id'],
  rateHeaders: {
    requests: 'anthropic-ratelimit-requests-remaining',
    tokens: 'anthropic-ratelimit-tokens-remaining',
  },
};

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 402) return 'billing_error';
  if (status === 403) return 'permission_error';
  if (status === 404) return 'not_found_error';
  if (status === 413) return 'request_too_large';
  if (status === 429) return 'rate_limit_error';
  if (status === 504) return 'timeout_error';
  return status < 500 ? 'invalid_request_error' : 'api_error';
}
