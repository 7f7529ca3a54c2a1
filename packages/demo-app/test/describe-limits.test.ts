import { expect, it } from '@jest/globals';
import { describeLimits } from '../src/chat/describe-limits.js';
import type { Grant } from '../src/chat/get-grant.js';

const now = new Date('2026-03-01T12:00:00Z');
const grant: Grant = {
  maxRequests: 100,
  usedRequests: 3,
  maxRequestsPerMinute: 20,
  expiresAt: new Date('2026-03-01T13:00:00Z'),
};

const describeValues = (change: Partial<Grant>) =>
  describeLimits({ ...grant, ...change }, now).map(({ value }) => value);

it('says what is left', () => {
  expect(describeValues({})).toEqual(['97 of 100', 'up to 20', 'in 60 minutes']);
});

it('says where there is no limit', () => {
  expect(describeValues({ maxRequests: undefined, maxRequestsPerMinute: undefined })).toEqual([
    'no limit (3 used)',
    'no limit',
    'in 60 minutes',
  ]);
});

it.each([
  ['2026-03-01T11:00:00Z', 'in less than a minute'],
  ['2026-03-01T12:01:00Z', 'in 1 minute'],
  ['2026-03-01T14:00:00Z', 'in 2 hours'],
  ['2026-03-08T12:00:00Z', 'in 7 days'],
])('tells a time left until %s as %p', (expiresAt, words) => {
  expect(describeValues({ expiresAt: new Date(expiresAt) }).at(-1)).toBe(words);
});
