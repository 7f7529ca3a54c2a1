import { buildEnvelope } from '../../denials/build-envelope.js';
import type { ErrorDescription } from '../../denials/describe-denial.js';
import { isJsonObject, type JsonObject } from '../../json/read-strict-json.js';
import { genericUpstreamError } from '../generic-error.js';
import { readWord, scrubText } from '../scrub-text.js';
import type { UpstreamError } from '../upstream-api.js';

/** Rebuilds an error of Anthropic's from its known fields; those that speak of the key are not passed on. */
export function readAnthropicError(status: number, body: JsonObject | undefined): UpstreamError {
  if (status === 401 || status === 403) return { kind: 'key_rejected' };
  const error = body?.error;
  if (!isJsonObject(error) || typeof error.message !== 'string') {
    return { kind: 'passed_on', body: buildEnvelope('anthropic', genericUpstreamError(status), '') };
  }
  if (error.type === 'authentication_error' || error.type === 'permission_error') return { kind: 'key_rejected' };
  return {
    kind: 'passed_on',
    body: {
      type: 'error',
      error: { type: readWord(error.type) ?? 'api_error', message: scrubText(error.message) },
      request_id: readWord(body?.request_id),
    },
  };
}

export function formatAnthropicErrorEvent(description: ErrorDescription, requestId: string): string {
  return `event: error\ndata: ${JSON.stringify(buildEnvelope('anthropic', description, requestId))}\n\n`;
}
