import { expect, it } from '@jest/globals';
import { type AiRequest, buildAuthorizationDetails, parseAiRequest } from '../src/ai-request.js';

const form = {
  model: ['gpt-4o', 'claude-haiku-4-5'],
  capability: 'chat',
  max_requests: '50',
  max_cost_usd: '2.50',
  expires_in: '3600',
};

it('turns the form into scope tokens and limits', () => {
  expect(parseAiRequest(form)).toEqual({
    ok: true,
    request: {
      scope: ['model:gpt-4o', 'model:claude-haiku-4-5', 'cap:chat'],
      maxRequests: 50,
      maxRequestsPerMinute: undefined,
      maxCostUsd: '2.50',
      lifetimeSeconds: 3_600,
      reason: undefined,
    },
  });
});

it.each([
  ['no model', { model: undefined }],
  ['no capability', { capability: undefined }],
  ['a model that is not on the page', { model: 'gpt-4o cap:images' }],
  ['a capability that is not on the page', { capability: 'code' }],
  ['a limit of zero', { max_requests: '0' }],
  ['a limit that is not written in digits only', { max_requests_per_minute: '1e3' }],
  ['a limit above the maximum', { max_requests: '1000001' }],
  ['an amount of zero', { max_cost_usd: '0.00' }],
  ['an amount with a currency sign', { max_cost_usd: '$5' }],
  ['an amount with a comma', { max_cost_usd: '2,50' }],
  ['an amount above the maximum', { max_cost_usd: '100000' }],
  ['a reason that is too long', { reason: 'a'.repeat(301) }],
])('refuses %s', (_title, change) => {
  expect(parseAiRequest({ ...form, ...change }).ok).toBe(false);
});

it.each([undefined, null, 'text', []])('refuses a body that is not a form: %p', (body) => {
  expect(parseAiRequest(body).ok).toBe(false);
});

it('proposes only the limits that were given', () => {
  const request: AiRequest = {
    scope: ['model:gpt-4o', 'cap:chat'],
    maxRequests: 5,
    maxRequestsPerMinute: undefined,
    maxCostUsd: '0.5',
    lifetimeSeconds: undefined,
    reason: 'To "try" it',
  };
  expect(JSON.parse(buildAuthorizationDetails(request))).toEqual([
    { type: 'ai_access', max_requests: 5, max_cost_usd: '0.5', reason: 'To "try" it' },
  ]);
});
