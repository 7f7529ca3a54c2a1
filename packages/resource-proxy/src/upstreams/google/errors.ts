import type { ErrorDescription } from '../../denials/error-description.js';
import { googleForm } from '../../denials/google/sdk-form.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/read-strict-json.js';
import { type AccountProblems, readAccountProblem } from '../account-faults.js';
import { genericUpstreamError } from '../generic-error.js';
import { nameSet } from '../name-set.js';
import { readWord, scrubText } from '../scrub-text.js';
import type { UpstreamError } from '../upstream-api.js';

export const googleAccountProblems: AccountProblems = {
  texts: [
    {
      beginning: /^(?:Your prepayment credits are depleted|Your project has exceeded its (?:monthly )?spending cap)/,
      code: 'out_of_credit',
    },
    { beginning: /^Your API key was reported as leaked/, code: 'key_leaked' },
  ],
  codes: nameSet('BILLING_DISABLED CONSUMER_SUSPENDED CONSUMER_INVALID SERVICE_DISABLED'),
};

/**
 * Rebuilds an error of Google's from its known fields. Errors about the provider key are not passed on.
 *
 * Errors are not billed: "If your request fails with a 400 or 500 error, you won't be charged for the tokens used"
 * (https://ai.google.dev/gemini-api/docs/billing, "FAQ").
 */
export function readGoogleError(status: number, body: JsonObject | undefined): UpstreamError {
  const error = isJsonObject(body?.error) ? body.error : {};
  const details = Array.isArray(error.details) ? error.details.filter(isJsonObject) : [];
  const reason = details.map((detail) => readWord(detail.reason)).find((word) => word !== null);
  const code =
    readAccountProblem(googleAccountProblems, error.message) ?? reason ?? readWord(error.status) ?? undefined;
  // Google answers an invalid provider key with status 400, and only the details show the reason. If the provider key
  // was leaked, only the text of the error says this.
  if (status === 401 || reason?.startsWith('API_KEY') === true || code === 'key_leaked')
    return { kind: 'key_rejected', code };
  if (typeof error.message !== 'string')
    return { kind: 'passed_on', code, body: googleForm.buildEnvelope(genericUpstreamError(status), '') };
  return {
    kind: 'passed_on',
    code,
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

/** The other details name the project and its quotas, so they are dropped. */
function keepRetryInfo({ '@type': type, retryDelay }: JsonObject): JsonValue[] {
  const known = type === retryInfo && typeof retryDelay === 'string' && /^\d{1,9}(\.\d{1,9})?s$/.test(retryDelay);
  return known ? [{ '@type': retryInfo, retryDelay }] : [];
}

/** Google's SDK raises an ApiError for any event whose data has an `error`. */
export function formatGoogleErrorEvent(description: ErrorDescription, requestId: string): string {
  return `data: ${JSON.stringify(googleForm.buildEnvelope(description, requestId))}\n\n`;
}
