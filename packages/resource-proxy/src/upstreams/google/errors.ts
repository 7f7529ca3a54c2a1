import { buildEnvelope } from '../../denials/build-envelope.js';
import type { ErrorDescription } from '../../denials/describe-denial.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { genericUpstreamError } from '../generic-error.js';
import { readWord, scrubText } from '../scrub-text.js';
import type { UpstreamError } from '../upstream-api.js';

/** Rebuilds an error of Google's from its known fields; those that speak of the key are not passed on. */
export function readGoogleError(status: number, body: JsonObject | undefined): UpstreamError {
  if (status === 401 || status === 403) return { kind: 'key_rejected' };
  const error = body?.error;
  if (!isJsonObject(error) || typeof error.message !== 'string') {
    return { kind: 'passed_on', body: buildEnvelope('google', genericUpstreamError(status), '') };
  }
  const details = Array.isArray(error.details) ? error.details.filter(isJsonObject) : [];
  // An invalid key is a 400 here, and told only in the details.
  if (details.some(({ reason }) => typeof reason === 'string' && reason.startsWith('API_KEY')))
    return { kind: 'key_rejected' };
  return {
    kind: 'passed_on',
    body: {
      error: {
        code: status,
        message: scrubText(error.message),
        status: readWord(error.status) ?? 'UNKNOWN',
        details: details.flatMap(keepRetryInfo),
      },
    },
  };
}

const retryInfo = 'type.googleapis.com/google.rpc.RetryInfo';

/** The other details name the project and its quotas. */
function keepRetryInfo({ '@type': type, retryDelay }: JsonObject): JsonValue[] {
  const known = type === retryInfo && typeof retryDelay === 'string' && /^\d{1,9}(\.\d{1,9})?s$/.test(retryDelay);
  return known ? [{ '@type': retryInfo, retryDelay }] : [];
}

/** The SDK raises an ApiError for any event whose data has an `error`. */
export function formatGoogleErrorEvent(description: ErrorDescription, requestId: string): string {
  return `data: ${JSON.stringify(buildEnvelope('google', description, requestId))}\n\n`;
}
