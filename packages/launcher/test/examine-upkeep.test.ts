import type { Upkeep } from '@aipassport/store';
import { expect, it } from '@jest/globals';
import { listUpkeepFindings } from '../src/commands/examine-upkeep.js';

const table = { name: 'grants', bytes: 1_048_576, rows: 1_000, deadRows: 100 };
const healthy: Upkeep = { misplacedRows: 0, missingMonths: [], overdue: [], cleaned: [], tables: [table] };
const faultsOf = (changes: Partial<Upkeep>) =>
  listUpkeepFindings({ ...healthy, ...changes }).flatMap(({ ok, text }) => (ok ? [] : [text]));

it('finds no problem in a maintained database', () => {
  expect(faultsOf({})).toEqual([]);
  expect(listUpkeepFindings(healthy).map(({ text }) => text)).toContain('database: 1.0 MB, of which grants 1.0 MB');
});

it('writes a single minute without a plural', () => {
  const cleaned = [{ table: 'artifacts', hours: 1 / 60 }];
  const texts = listUpkeepFindings({ ...healthy, cleaned }).map(({ text }) => text);
  expect(texts).toContain('database: nothing is overdue for removal; last cleaned 1 minute ago');
});

it('finds tables with too many rows, and tables that are not vacuumed', () => {
  const tables = [
    { ...table, name: 'reservations', rows: 250_000 },
    { ...table, name: 'artifacts', rows: 2_000_000, deadRows: 3_000_000 },
    { ...table, name: 'audit_events', rows: 90_000_000, deadRows: 1_500_000 },
  ];
  expect(faultsOf({ tables })).toEqual([
    'database: reservations has about 250,000 rows. It should have rows only for requests in progress. The log of a resource proxy says why the other rows are not removed.',
    'database: artifacts has about 2,000,000 rows and 3,000,000 dead ones: vacuum does not keep up, or an old transaction holds it back: look for it in pg_stat_activity',
  ]);
});

it('names rows that have been overdue for more than a day, and when their table was last cleaned', () => {
  expect(faultsOf({ overdue: [{ table: 'artifacts', hours: 23 }] })).toEqual([]);
  const [fault] = faultsOf({
    overdue: [{ table: 'artifacts', hours: 100 }],
    cleaned: [{ table: 'artifacts', hours: 30 }],
  });
  expect(fault).toContain(
    'artifacts has rows that should have been removed 4 days ago; it was last cleaned 30 hours ago',
  );
});
