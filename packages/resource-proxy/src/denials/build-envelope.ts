import type { ErrorDialect } from './dialect.js';
import type { ErrorDescription } from './error-description.js';

/** Builds the body of an error in the vendor's own format, so that its SDK raises its own typed error. */
export function buildEnvelope(dialect: ErrorDialect, description: ErrorDescription, requestId: string): unknown {
  const { status, code, message, field, headers } = description;
  switch (dialect) {
    case 'openai':
      return { error: { message, type: openaiType(status), param: field ?? null, code } };
    case 'anthropic':
      return {
        type: 'error',
        error: { type: anthropicType(status), message, details: { error_code: code, ...(field && { field }) } },
        request_id: requestId,
      };
    case 'google':
      return {
        error: {
          code: status,
          message,
          status: googleStatus(status),
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
              reason: code.toUpperCase(),
              domain: 'aipassport',
              metadata: { request_id: requestId, ...(field && { field }) },
            },
            ...tellDelay(headers?.['retry-after']),
          ],
        },
      };
    case 'oauth':
      return { error: code, error_description: message };
  }
}

/** Google's clients read the time to wait here, and not from a header. */
function tellDelay(seconds: string | undefined): readonly unknown[] {
  return seconds === undefined
    ? []
    : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` }];
}

function openaiType(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 402) return 'insufficient_quota';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

function anthropicType(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 402) return 'billing_error';
  if (status === 403) return 'permission_error';
  if (status === 404) return 'not_found_error';
  if (status === 413) return 'request_too_large';
  if (status === 429) return 'rate_limit_error';
  if (status === 504) return 'timeout_error';
  return status < 500 ? 'invalid_request_error' : 'api_error';
}

function googleStatus(status: number): string {
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
