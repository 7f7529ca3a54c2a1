import { APIConnectionError as AnthropicConnectionError, APIError as AnthropicError } from '@anthropic-ai/sdk';
import { APIConnectionError as OpenAiConnectionError, APIError as OpenAiError } from 'openai';
import { AnswerBrokenOffError } from '../chat/answer-source.js';
import { GrantRefusedError } from '../chat/get-grant.js';
import { AccessEndedError } from '../oauth/call-with-access-token.js';
import type { Refusal } from './refusal.js';

/** Tells what kind of refusal an error is, from the SDKs' own typed errors. */
export function readRefusal(error: unknown): Refusal {
  if (error instanceof AccessEndedError) return { reason: 'access_ended' };
  if (error instanceof AnswerBrokenOffError) return { reason: 'answer_broken_off' };
  if (error instanceof OpenAiConnectionError || error instanceof AnthropicConnectionError) {
    return { reason: 'proxy_unavailable', retryAfterSeconds: undefined };
  }
  if (error instanceof OpenAiError || error instanceof AnthropicError) return readApiError(error);
  if (error instanceof GrantRefusedError && error.status === 401) return { reason: 'access_ended' };
  return { reason: 'unexpected' };
}

function readApiError(error: OpenAiError | AnthropicError): Refusal {
  const retryAfterSeconds = readRetryAfter(error.headers);
  switch (error.status) {
    case 401:
      return { reason: 'access_ended' };
    case 402:
      return { reason: 'request_limit_reached' };
    case 403:
      return { reason: 'model_not_allowed' };
    case 429:
      return { reason: 'rate_limited', retryAfterSeconds };
    case 503:
      return { reason: 'proxy_unavailable', retryAfterSeconds };
    case 502:
    case 504:
      return { reason: 'provider_failed' };
    default:
      return { reason: 'unexpected' };
  }
}

function readRetryAfter(headers: Headers | undefined): number | undefined {
  const seconds = Number(headers?.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.ceil(seconds) : undefined;
}
