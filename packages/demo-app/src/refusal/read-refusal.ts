import { APIConnectionError as AnthropicConnectionError, APIError as AnthropicError } from '@anthropic-ai/sdk';
import { APIConnectionError as OpenAiConnectionError, APIError as OpenAiError } from 'openai';
import { AnswerBrokenOffError } from '../chat/answer-source.js';
import { GrantRefusedError } from '../chat/get-grant.js';
import { AccessEndedError, AuthorizationServerUnavailableError } from '../oauth/call-with-access-token.js';
import { isConnectionFailure } from '../oauth/oauth-client.js';
import type { Refusal } from './refusal.js';

/** Decides the kind of a refusal from our own errors and from the typed errors of the SDKs. */
export function readRefusal(error: unknown): Refusal {
  if (error instanceof AccessEndedError) return { reason: 'access_ended' };
  if (error instanceof AuthorizationServerUnavailableError) return { reason: 'authorization_server_unavailable' };
  if (error instanceof AnswerBrokenOffError) return { reason: 'answer_broken_off' };
  if (error instanceof OpenAiConnectionError || error instanceof AnthropicConnectionError) {
    return { reason: 'proxy_unavailable', retryAfterSeconds: undefined };
  }
  if (error instanceof OpenAiError || error instanceof AnthropicError) return readApiError(error);
  if (error instanceof GrantRefusedError && error.status === 401) return { reason: 'access_ended' };
  if (error instanceof GrantRefusedError || isConnectionFailure(error)) {
    return { reason: 'proxy_unavailable', retryAfterSeconds: undefined };
  }
  return { reason: 'unexpected' };
}

/**
 * The proxy refuses with these codes. An error with another code, from the AI provider or from the proxy, is read by
 * its status.
 */
function readApiError(error: OpenAiError | AnthropicError): Refusal {
  const retryAfterSeconds = readRetryAfter(error.headers);
  switch (readCode(error)) {
    case 'invalid_token':
      return { reason: 'access_ended' };
    case 'insufficient_scope':
      return { reason: lacksModel(error.message) ? 'model_not_allowed' : 'capability_not_allowed' };
    case 'request_limit_reached':
      return { reason: 'request_limit_reached', manageUrl: findUrl(error.message) };
    case 'budget_exhausted':
      return {
        // `account` names the limit on all apps of the owner together.
        reason: error.headers?.get('aipassport-limit') === 'account' ? 'overall_limit_reached' : 'budget_exhausted',
        manageUrl: findUrl(error.message),
      };
    case 'operator_budget_exhausted':
      return { reason: 'operator_budget_exhausted' };
    case 'rate_limited':
      return { reason: 'rate_limited', retryAfterSeconds };
    case 'budget_held':
      return { reason: 'budget_held', retryAfterSeconds };
    case 'provider_key_missing':
      return { reason: 'provider_key_missing' };
    case 'provider_key_unusable':
    case 'provider_key_rejected':
      return { reason: 'provider_key_refused' };
    case 'temporarily_unavailable':
      return { reason: 'proxy_unavailable', retryAfterSeconds };
    default:
      return readByStatus(error.status, retryAfterSeconds, error.message);
  }
}

function readByStatus(status: number | undefined, retryAfterSeconds: number | undefined, message: string): Refusal {
  if (status === 401) return { reason: 'access_ended' };
  if (status === 429) return { reason: 'provider_busy', retryAfterSeconds };
  if (status !== undefined && status >= 400 && status < 500) return { reason: 'request_refused', message };
  return { reason: 'provider_failed' };
}

function readCode(error: OpenAiError | AnthropicError): string | null | undefined {
  return error instanceof OpenAiError ? error.code : error.errorCode;
}

/**
 * Whether the scope token that is not granted is a model. The message of a 403 names this token first. The challenge
 * (RFC 6750 section 3.1) names all scope tokens that the request needs, so it does not show which one is missing.
 */
function lacksModel(message: string): boolean {
  return message.includes('has not granted model:');
}

/** The message of Anthropic's errors contains the whole JSON body, so a quotation mark ends the URL too. */
function findUrl(message: string): string | undefined {
  return /https?:\/\/[^\s"\\]+/.exec(message)?.[0];
}

function readRetryAfter(headers: Headers | undefined): number | undefined {
  const seconds = Number(headers?.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.ceil(seconds) : undefined;
}
