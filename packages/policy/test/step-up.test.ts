import { expect, it } from '@jest/globals';
import { findMostCost, findStepUpReason, type Limits, noLimits, oneUsd, parseGrantedScope } from '../src/index.js';

const now = new Date('2026-03-01T12:00:00Z');
const time = { now, timeZone: 'UTC' };
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000);
const usd = (dollars: number) => BigInt(dollars) * oneUsd;

const rows: readonly (readonly [limits: Partial<Limits>, days: number, total: number | undefined])[] = [
  [{}, 1, undefined],
  [{ maxRequests: 5 }, 1, undefined],
  [{ maxCost: usd(7) }, 365, 7],
  [{ maxCostPerDay: usd(10) }, 365, 3_660],
  [{ maxCostPerDay: usd(10) }, 0.01, 10],
  [{ maxCostPerDay: usd(10) }, 0.5, 10],
  [{ maxCostPerDay: usd(10) }, 0.51, 20],
  [{ maxCostPerDay: usd(10) }, 1.5, 20],
  [{ maxCostPerMonth: usd(10) }, 7, 10],
  [{ maxCostPerMonth: usd(10) }, 30.5, 10],
  [{ maxCostPerMonth: usd(10) }, 31, 20],
  [{ maxCost: usd(50), maxCostPerMonth: usd(10), maxCostPerDay: usd(1) }, 90, 30],
  [{ maxCost: usd(5), maxCostPerMonth: usd(10), maxCostPerDay: usd(1) }, 90, 5],
];

it.each(rows)(
  'the most that a grant can spend is the smallest of the totals that its spending limits allow: row %#',
  (limits, days, total) => {
    const granted = { limits: { ...noLimits, ...limits }, expiresAt: inDays(days) };
    expect(findMostCost(granted, time)).toBe(total === undefined ? undefined : usd(total));
  },
);

it('a grant can spend a daily or monthly limit again after midnight in the time zone of its owner', () => {
  const most = (limits: Partial<Limits>, from: string, until: string, timeZone: string) =>
    findMostCost({ limits: { ...noLimits, ...limits }, expiresAt: new Date(until) }, { now: new Date(from), timeZone });
  const daily = { maxCostPerDay: usd(20) };
  const hour = ['2026-03-31T22:30:00Z', '2026-03-31T23:30:00Z'] as const;
  expect(most(daily, ...hour, 'Europe/Lisbon')).toBe(usd(40));
  expect(most(daily, ...hour, 'UTC')).toBe(usd(20));
  expect(most(daily, '2026-03-31T22:30:00Z', '2026-03-31T23:00:00Z', 'Europe/Lisbon')).toBe(usd(20));
  const monthly = { maxCostPerMonth: usd(20) };
  expect(most(monthly, ...hour, 'Europe/Lisbon')).toBe(usd(40));
  expect(most(monthly, ...hour, 'UTC')).toBe(usd(20));
  expect(most(monthly, '2025-12-31T12:00:00Z', '2027-01-01T12:00:00Z', 'UTC')).toBe(usd(280));
  expect(most(daily, '2026-03-31T22:30:00Z', '2026-03-31T22:00:00Z', 'UTC')).toBe(usd(20));
});

it('a new grant requires a recent sign-in if it has no spending limit, a large total, or all models of a provider', () => {
  const reasonOf = (scope: string, limits: Partial<Limits>, days = 365) =>
    findStepUpReason(
      { tokens: parseGrantedScope(scope), limits: { ...noLimits, ...limits }, expiresAt: inDays(days) },
      time,
    );
  const single = 'model:gpt-4o cap:chat';
  expect(reasonOf(single, {})).toBe('no_money_limit');
  expect(reasonOf(single, { maxCost: usd(20) })).toBeUndefined();
  expect(reasonOf(single, { maxCost: usd(20) + 1n })).toBe('large_amount');
  expect(reasonOf(single, { maxCostPerDay: usd(10) })).toBe('large_amount');
  expect(reasonOf(single, { maxCostPerDay: usd(10) }, 1.5)).toBeUndefined();
  expect(reasonOf(single, { maxCostPerDay: usd(10) }, 2)).toBe('large_amount');
  expect(reasonOf(single, { maxCostPerDay: usd(10), maxCost: usd(20) })).toBeUndefined();
  expect(reasonOf('model:openai/* cap:chat', { maxCost: usd(1) })).toBe('all_models');
});

it('a change of a grant also requires a recent sign-in if it raises or removes a limit, or moves the end to a later time', () => {
  const limits = { ...noLimits, maxCost: usd(2), maxRequests: 10 };
  const before = { tokens: [], limits, endChosenAt: inDays(-9), expiresAt: inDays(5) };
  const reasonOf = (limits: Partial<Limits>, days = 5) =>
    findStepUpReason({ ...before, limits: { ...before.limits, ...limits }, expiresAt: inDays(days) }, time, {
      grants: [before],
      action: 'change',
    });
  expect(reasonOf({})).toBeUndefined();
  expect(reasonOf({ maxCost: usd(1), maxRequests: 9, maxStreams: 1 }, 4)).toBeUndefined();
  expect(reasonOf({ maxCost: usd(3) })).toBe('raised');
  expect(reasonOf({ maxRequests: 11 })).toBe('raised');
  expect(reasonOf({ maxRequests: undefined })).toBe('raised');
  expect(reasonOf({}, 6)).toBe('raised');
});

/** A grant whose end was chosen some days ago. */
const grantOf = (limits: Partial<Limits>, days: number, daysAgo = 0) => ({
  tokens: [],
  limits: { ...noLimits, ...limits },
  endChosenAt: inDays(-daysAgo),
  expiresAt: inDays(days - daysAgo),
});

it('a new grant requires a recent sign-in if it allows more, or for longer, than each grant that it replaces', () => {
  const grants = [grantOf({ maxCost: usd(5) }, 3, 2), grantOf({ maxCost: usd(1) }, 9, 8)];
  const reasonOf = (limits: Partial<Limits>, days: number) =>
    findStepUpReason(grantOf(limits, days), time, { grants, action: 'replace' });
  expect(reasonOf({ maxCost: usd(5) }, 3)).toBeUndefined();
  // The owner took half an hour less to read the page than before.
  expect(reasonOf({ maxCost: usd(5) }, 3 + 1 / 48)).toBeUndefined();
  expect(reasonOf({ maxCost: usd(1) }, 9)).toBeUndefined();
  expect(reasonOf({ maxCost: usd(5) }, 4)).toBe('raised');
  expect(reasonOf({ maxCost: usd(6) }, 1)).toBe('raised');
});

it('a further grant of a client requires a recent sign-in if the client can then spend a large amount in total', () => {
  const reasonOf = (limits: Partial<Limits>, ...grants: readonly ReturnType<typeof grantOf>[]) =>
    findStepUpReason(grantOf(limits, 9), time, { grants, action: 'add' });
  expect(reasonOf({ maxCost: usd(6) })).toBeUndefined();
  const present = [grantOf({ maxCost: usd(5) }, 3, 2), grantOf({ maxCostPerDay: usd(2) }, 7, 3)];
  expect(reasonOf({ maxCost: usd(5) }, ...present)).toBeUndefined();
  expect(reasonOf({ maxCost: usd(5) + 1n }, ...present)).toBe('added');
  expect(reasonOf({ maxCost: usd(1) }, grantOf({}, 3))).toBe('added');
});
