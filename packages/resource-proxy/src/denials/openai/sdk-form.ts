import { commonRateHeaders, type SdkForm } from '../sdk-form.js';

/**
 * https://platform.openai.com/docs/guides/error-codes. The SDK does not retry an answer with `x-should-retry: false`.
 */
export const openaiForm: SdkForm = {
  buildEnvelope: ({ status, code, message, field }) => ({
    error: { message, type: typeOf(status), param: field ?? null, code },
  }),
  requestIdHeaders: [],
  rateHeaders: commonRateHeaders,
};

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 402) return 'insufficient_quota';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}
