import { dayOf, endOfDay, listMonths } from '@aipassport/policy';
import { expect, it } from '@jest/globals';
import { timeZoneRegions } from '../src/account/time-zones.js';
import { readExpiry } from '../src/limits/read-expiry.js';

it.each([
  ['2026-11-22', 'UTC', '2026-11-23T00:00:00.000Z'],
  ['2026-11-22', 'Europe/Berlin', '2026-11-22T23:00:00.000Z'],
  ['2026-11-22', 'America/New_York', '2026-11-23T05:00:00.000Z'],
  ['2026-11-22', 'Asia/Kolkata', '2026-11-22T18:30:00.000Z'],
  ['2026-11-22', 'Pacific/Kiritimati', '2026-11-22T10:00:00.000Z'],
  // The day on which clocks go forward, and the day before.
  ['2026-03-28', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
  ['2026-03-29', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
  // The day on which clocks go back.
  ['2026-10-25', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
  // The next day has no midnight: its clock goes from 00:00 to 01:00.
  ['2026-04-23', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'],
  // A day whose last hour comes twice.
  ['2026-10-29', 'Africa/Cairo', '2026-10-29T22:00:00.000Z'],
  ['2026-12-31', 'Australia/Lord_Howe', '2026-12-31T13:00:00.000Z'],
])('%s ends in %s at %s', (day, timeZone, end) => {
  expect(endOfDay(day, timeZone)?.toISOString()).toBe(end);
});

it('a day ends when the next day begins, in time zones all over the world', () => {
  const zones = timeZoneRegions.flatMap(({ zones: all }) => all.map(({ name }) => name));
  expect(zones).toEqual(expect.arrayContaining(['Europe/Kyiv', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires']));
  for (let n = 0; n < zones.length; n += 5)
    for (let day = n % 31; day < 730; day += 31) {
      const timeZone = zones[n] ?? '';
      const date = new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
      const end = endOfDay(date, timeZone)?.getTime() ?? Number.NaN;
      expect([timeZone, dayOf(new Date(end - 1), timeZone)]).toEqual([timeZone, date]);
      expect([timeZone, dayOf(new Date(end), timeZone) > date]).toEqual([timeZone, true]);
    }
});

it('text that is not a valid date is refused', () => {
  for (const day of ['2026-02-30', '2026-13-01', 'tomorrow', '', '2026-1-1', '20260101', '2026-01-01T12:00'])
    expect(endOfDay(day, 'UTC')).toBeUndefined();
});

it('a grant until the last day that can be chosen ends after the longest allowed lifetime, not at midnight', () => {
  const now = new Date('2026-11-22T23:30:00Z');
  const read = (expiresOn: string, lifetimeSeconds?: number) =>
    readExpiry({ expiresIn: 'date', expiresOn }, { lifetimeSeconds, timeZone: 'Europe/Berlin', now })?.toISOString();
  // At this time, it is already the 23rd in Berlin.
  expect(read('2026-11-24', 86_400)).toBe('2026-11-23T23:30:00.000Z');
  expect(read('2026-11-23', 86_400)).toBe('2026-11-23T23:00:00.000Z');
  expect(read('2027-11-23')).toBe('2027-11-22T23:30:00.000Z');
  expect(read('2027-11-22')).toBe('2027-11-22T23:00:00.000Z');
});

it('lists the months from one day to another', () => {
  expect(listMonths('2025-11-30', '2026-02-01')).toEqual(['2025-11-01', '2025-12-01', '2026-01-01', '2026-02-01']);
  expect(listMonths('2026-02-01', '2026-02-28')).toEqual(['2026-02-01']);
  expect(listMonths('2026-03-01', '2026-02-28')).toEqual([]);
});
