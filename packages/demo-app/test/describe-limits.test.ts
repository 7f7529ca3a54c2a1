import { expect, it } from '@jest/globals';
import { describeLimits } from '../src/chat/describe-limits.js';
import { formatUsd, parseUsd } from '../src/chat/format-usd.js';
import type { Grant } from '../src/chat/get-grant.js';

const now = new Date('2026-03-01T12:00:00Z');
const grant: Grant = {
  maxRequests: 100,
  usedRequests: 3,
  maxRequestsPerMinute: 20,
  maxTokensPerMinute: undefined,
  maxStreams: undefined,
  maxCost: parseUsd('5'),
  maxCostPerDay: undefined,
  maxCostPerMonth: undefined,
  spent: parseUsd('0.001234567'),
  reserved: 0n,
  expiresAt: new Date('2026-03-01T13:00:00Z'),
};

const describeValues = (change: Partial<Grant>) =>
  describeLimits({ ...grant, ...change }, now).map(({ value }) => value);

it('shows how much is left of each limit', () => {
  expect(describeValues({})).toEqual(['97 of 100', '$4.9987 of $5.00', 'up to 20 requests a minute', 'in 60 minutes']);
});

it('says which limits are not set', () => {
  expect(describeValues({ maxRequests: undefined, maxCost: undefined, maxRequestsPerMinute: undefined })).toEqual([
    'no limit (3 used)',
    'no total limit ($0.0012 used)',
    'no limit',
    'in 60 minutes',
  ]);
});

it('says how much is reserved, and how much may be spent in a day and in a month', () => {
  const change = { reserved: parseUsd('0.02'), maxCostPerDay: parseUsd('1.5'), maxCostPerMonth: parseUsd('1200') };
  expect(describeValues(change)[1]).toBe(
    '$4.9787 of $5.00, $0.02 reserved, at most $1.50 a day, at most $1200.00 a month',
  );
});

it('says that nothing is left if a limit was lowered below the amount already spent', () => {
  expect(describeValues({ maxCost: parseUsd('0.001') })[1]).toBe('$0.00 of $0.001');
});

it('describes the limits on requests a minute, tokens a minute and answers at a time', () => {
  expect(describeValues({ maxRequestsPerMinute: 1, maxTokensPerMinute: 100_000, maxStreams: 2 })[2]).toBe(
    'up to 1 request a minute, 100,000 tokens a minute, 2 answers at a time',
  );
});

it.each([
  ['0', '$0.00'],
  ['0.000000001', 'less than $0.0001'],
  ['0.0099999', '$0.0099'],
  ['12.3', '$12.30'],
])('shows %s as %p, rounded down', (text, shown) => {
  expect(formatUsd(parseUsd(text))).toBe(shown);
});

it.each([
  ['2026-03-01T11:00:00Z', 'in less than a minute'],
  ['2026-03-01T12:01:00Z', 'in 1 minute'],
  ['2026-03-01T14:00:00Z', 'in 2 hours'],
  ['2026-03-08T12:00:00Z', 'in 7 days'],
])('describes the time left until %s as %p', (expiresAt, words) => {
  expect(describeValues({ expiresAt: new Date(expiresAt) }).at(-1)).toBe(words);
});
