import type { ErrorDescription } from '../../denials/error-description.js';
import { openaiForm } from '../../denials/openai/sdk-form.js';
import { isJsonObject, type JsonObject } from '../../json/read-strict-json.js';
import { type AccountProblems, readAccountProblem } from '../account-faults.js';
import { genericUpstreamError } from '../generic-error.js';
import { nameSet } from '../name-set.js';
import { readWord, scrubText } from '../scrub-text.js';
import type { UpstreamError } from '../upstream-api.js';

export const openaiAccountProblems: AccountProblems = {
  texts: [],
  // `insufficient_credits` comes from other vendors that speak this dialect.
  codes: nameSet(
    'insufficient_quota insufficient_credits billing_hard_limit_reached billing_not_active account_deactivated',
    'unsupported_country_region_territory ip_not_authorized',
  ),
};

/**
 * Rebuilds an OpenAI error from its known fields. Errors about the provider key are not passed on.
 *
 * OpenAI's documentation mentions no error that is billed. Of 24 observed errors of OpenAI and Anthropic, none was
 * billed.
 */
export function readOpenaiError(status: number, body: JsonObject | undefined): UpstreamError {
  const error = findError(body);
  const code = readAccountProblem(openaiAccountProblems, error.message) ?? readWord(error.code) ?? readWord(error.type);
  if (status === 401 || error.code === 'invalid_api_key' || isWrongKey(error.message))
    return { kind: 'key_rejected', code: code ?? undefined };
  if (typeof error.message !== 'string') {
    const envelope = openaiForm.buildEnvelope(genericUpstreamError(status), '');
    return { kind: 'passed_on', code: code ?? undefined, body: envelope };
  }
  return {
    kind: 'passed_on',
    code: code ?? undefined,
    body: {
      error: {
        message: scrubText(error.message),
        type: readWord(error.type),
        param: typeof error.param === 'string' ? scrubText(error.param) : null,
        code: readWord(error.code),
      },
    },
  };
}

/**
 * Most vendors of this dialect have an object `error`. xAI has the text of the error there, with its code beside it;
 * Mistral has the members of the object in the body itself.
 */
function findError(body: JsonObject | undefined): JsonObject {
  if (isJsonObject(body?.error)) return body.error;
  return { ...body, message: body?.error ?? body?.message ?? null };
}

/** xAI answers a wrong key with 400. */
function isWrongKey(message: unknown): boolean {
  return typeof message === 'string' && message.startsWith('Incorrect API key provided');
}

/** The SDK raises an APIError for any event whose data has an `error`. */
export function formatOpenaiErrorEvent(description: ErrorDescription, requestId: string): string {
  const envelope = openaiForm.buildEnvelope(description, requestId);
  return `event: error\ndata: ${JSON.stringify(envelope)}\n\n`;
}
