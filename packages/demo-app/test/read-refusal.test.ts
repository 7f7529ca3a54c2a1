import { APIError as AnthropicError } from '@anthropic-ai/sdk';
import { expect, it } from '@jest/globals';
import { APIConnectionError, APIError as OpenAiError } from 'openai';
import { AnswerBrokenOffError } from '../src/chat/answer-source.js';
import { GrantRefusedError } from '../src/chat/get-grant.js';
import { AccessEndedError, AuthorizationServerUnavailableError } from '../src/oauth/call-with-access-token.js';
import { explainRefusal } from '../src/refusal/explain-refusal.js';
import { readRefusal } from '../src/refusal/read-refusal.js';

/** The proxy's errors as both SDKs raise them. */
function buildErrors(
  status: number,
  code: string | null,
  headers: Record<string, string> = {},
  message = 'for developers',
) {
  const anthropicBody = { type: 'error', error: { type: 'api_error', message, details: { error_code: code } } };
  return [
    OpenAiError.generate(status, { error: { message, code } }, undefined, new Headers(headers)),
    AnthropicError.generate(status, anthropicBody, undefined, new Headers(headers)),
  ];
}

it.each([
  [401, 'invalid_token', {}, { reason: 'access_ended' }],
  [402, 'request_limit_reached', {}, { reason: 'request_limit_reached', manageUrl: undefined }],
  [402, 'budget_exhausted', {}, { reason: 'budget_exhausted', manageUrl: undefined }],
  [424, 'provider_key_missing', {}, { reason: 'provider_key_missing' }],
  [424, 'provider_key_unusable', {}, { reason: 'provider_key_refused' }],
  [502, 'provider_key_rejected', {}, { reason: 'provider_key_refused' }],
  [429, 'budget_held', { 'retry-after': '5' }, { reason: 'budget_held', retryAfterSeconds: 5 }],
  [429, 'rate_limited', { 'retry-after': '12' }, { reason: 'rate_limited', retryAfterSeconds: 12 }],
  [502, 'upstream_unavailable', {}, { reason: 'provider_failed' }],
  [504, 'upstream_timeout', {}, { reason: 'provider_failed' }],
  [503, 'temporarily_unavailable', { 'retry-after': '5' }, { reason: 'proxy_unavailable', retryAfterSeconds: 5 }],
])('recognises a %d with the code %p from either SDK', (status, code, headers, refusal) => {
  for (const error of buildErrors(status, code, headers)) expect(readRefusal(error)).toEqual(refusal);
});

it.each([
  [429, { 'retry-after': '30' }, { reason: 'provider_busy', retryAfterSeconds: 30 }],
  [500, {}, { reason: 'provider_failed' }],
  [529, {}, { reason: 'provider_failed' }],
  [400, {}, { reason: 'request_refused' }],
])('treats a %d that has no error code of the proxy as an error of the AI provider', (status, headers, refusal) => {
  for (const error of buildErrors(status, null, headers)) expect(readRefusal(error)).toMatchObject(refusal);
});

it('distinguishes the other failures', () => {
  const reasons = [
    new AccessEndedError(),
    new AuthorizationServerUnavailableError(),
    new GrantRefusedError(401),
    new AnswerBrokenOffError(),
    new APIConnectionError({}),
    new GrantRefusedError(503),
    'no error at all',
  ].map((error) => readRefusal(error).reason);
  expect(reasons).toEqual([
    'access_ended',
    'authorization_server_unavailable',
    'access_ended',
    'answer_broken_off',
    'proxy_unavailable',
    'proxy_unavailable',
    'unexpected',
  ]);
});

it('recognises, from either SDK, a 402 for the limit on all apps together, and says so', () => {
  const manageUrl = 'https://as.example/account/grants/gr_1/limits?limit=account';
  const headers = { 'aipassport-limit': 'account' };
  for (const error of buildErrors(402, 'budget_exhausted', headers, `The owner can allow more: ${manageUrl}`)) {
    const refusal = readRefusal(error);
    expect(refusal).toEqual({ reason: 'overall_limit_reached', manageUrl });
    expect(explainRefusal(refusal, 'https://as.example')).toMatchObject({
      title: 'This question would go over your overall spending limit.',
      link: { label: 'Raise the overall limit', href: manageUrl },
    });
  }
});

it('the advice says after how many seconds to try again', () => {
  const words = (retryAfterSeconds: number | undefined) =>
    explainRefusal({ reason: 'rate_limited', retryAfterSeconds }, 'http://localhost:4000').advice;
  expect(words(12)).toContain('in 12 seconds');
  expect(words(1)).toContain('in 1 second.');
  expect(words(undefined)).toContain('in a moment');
});

it.each(['request_limit_reached', 'budget_exhausted'])(
  'reads the URL of the owner’s page from the error %s',
  (code) => {
    const manageUrl = 'https://as.example/account/grants/gr_1';
    for (const error of buildErrors(402, code, {}, `Used up. The owner can grant more: ${manageUrl}`))
      expect(readRefusal(error)).toEqual({ reason: code, manageUrl });
  },
);

it.each([
  ['https://as.example/account/grants/gr_1', 'https://as.example/account/grants/gr_1'],
  ['https://as.example.evil.example/account', 'https://as.example/account/apps'],
  ['http://as.example/account', 'https://as.example/account/apps'],
  ['https://', 'https://as.example/account/apps'],
  [undefined, 'https://as.example/account/apps'],
])('if a refusal names the URL %p, the explanation links to %p', (manageUrl, href) => {
  const refusal = { reason: 'budget_exhausted', manageUrl } as const;
  expect(explainRefusal(refusal, 'https://as.example').link?.href).toBe(href);
});

it('the explanation of a missing provider key links to the page where it can be added', () => {
  const { link } = explainRefusal({ reason: 'provider_key_missing' }, 'https://as.example');
  expect(link?.href).toBe('https://as.example/account/keys');
});

it.each([
  ['model:gpt-4o', 'model_not_allowed'],
  ['cap:chat', 'capability_not_allowed'],
  ['model:gpt-4o cap:chat', 'model_not_allowed'],
])('recognises a 403 for the missing scope %p from either SDK', (missing, reason) => {
  const needed = 'model:gpt-4o cap:chat';
  const message = `The owner has not granted ${missing}. The request needs the scope: ${needed}`;
  for (const error of buildErrors(403, 'insufficient_scope', challenge(needed), message))
    expect(readRefusal(error)).toEqual({ reason });
});

function challenge(scope: string): Record<string, string> {
  return { 'www-authenticate': `Bearer resource_metadata="http://p/", error="insufficient_scope", scope="${scope}"` };
}
