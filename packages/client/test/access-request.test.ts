import { expect, it } from '@jest/globals';
import { buildAccessParameters } from '../src/access-request.js';

it('puts the limits and the reason into one ai_access object', () => {
  const { scope, authorization_details: details } = buildAccessParameters({
    scope: 'model:gpt-4o-mini cap:chat',
    limits: { maxCostUsd: '1.50', maxRequests: 10, lifetimeSeconds: 3_600, maxStreams: 2 },
    reason: 'To answer you.',
  });
  expect(scope).toBe('model:gpt-4o-mini cap:chat');
  expect(JSON.parse(details ?? '')).toEqual([
    {
      type: 'ai_access',
      max_cost_usd: '1.50',
      max_requests: 10,
      expires_in: 3_600,
      max_streams: 2,
      reason: 'To answer you.',
    },
  ]);
});

it('a request without limits and without a reason has only a scope', () => {
  expect(buildAccessParameters({ scope: 'cap:chat' })).toEqual({ scope: 'cap:chat' });
});
