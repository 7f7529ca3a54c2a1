import { anthropicForm } from '../../denials/anthropic/sdk-form.js';
import type { ErrorDescription } from '../../denials/error-description.js';
import { isJsonObject, type JsonObject } from '../../json/read-strict-json.js';
import { type AccountProblems, readAccountProblem } from '../account-faults.js';
import { genericUpstreamError } from '../generic-error.js';
import { nameSet } from '../name-set.js';
import { readWord, scrubText } from '../scrub-text.js';
import type { UpstreamError } from '../upstream-api.js';

export const anthropicAccountProblems: AccountProblems = {
  texts: [
    {
      beginning: /^(?:Your credit balance is too low|You have reached your specified (?:workspace )?API usage limits)/,
      code: 'out_of_credit',
    },
    { beginning: /^This organization has been disabled/, code: 'organization_disabled' },
  ],
  codes: nameSet('billing_error'),
};

/**
 * Rebuilds an error of Anthropic's from its known fields. Errors about the provider key are not passed on.
 *
 * Anthropic's documents name no error that is billed. None of 24 errors that Anthropic and OpenAI returned was billed.
 */
export function readAnthropicError(status: number, body: JsonObject | undefined): UpstreamError {
  const error = isJsonObject(body?.error) ? body.error : {};
  const type = readWord(error.type) ?? undefined;
  const code = readAccountProblem(anthropicAccountProblems, error.message) ?? type;
  if (status === 401 || error.type === 'authentication_error') return { kind: 'key_rejected', code };
  if (typeof error.message !== 'string')
    return { kind: 'passed_on', code, body: anthropicForm.buildEnvelope(genericUpstreamError(status), '') };
  return {
    kind: 'passed_on',
    code,
    body: {
      type: 'error',
      error: { type: type ?? 'api_error', message: scrubText(error.message) },
      request_id: readWord(body?.request_id),
    },
  };
}

export function formatAnthropicErrorEvent(description: ErrorDescription, requestId: string): string {
  return `event: error\ndata: ${JSON.stringify(anthropicForm.buildEnvelope(description, requestId))}\n\n`;
}
