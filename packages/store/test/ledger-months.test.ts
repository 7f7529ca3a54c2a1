import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase, prepareLedger, readUpkeep, verifyLedger } from '../src/index.js';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { addGrant } from './fixtures.js';
import { announceReplica, countRows, dropMonths, fillLedger, serveRequest } from './ledger-fixtures.js';

const hourMilliseconds = 3_600_000;
const dayMilliseconds = 24 * hourMilliseconds;

let test: TestDatabase;
let replicaId: string;
let grantId: string;
beforeEach(waitPastMidnight);
beforeEach(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  replicaId = await announceReplica(test.db);
  grantId = await addGrant(test.db);
});
afterEach(() => test.close());

/** Writes rows of the last months and of this month, for which there is no partition. */
async function misplaceRows(count: number): Promise<void> {
  await dropMonths(test.db);
  const now = Date.now();
  const from = new Date(now - 100 * dayMilliseconds);
  await fillLedger(test.db, { grantIds: [grantId], count, from, to: new Date(now) });
  expect(await countRows(test.db, 'ledger_default')).toBe(count);
}

/** Runs the statement that a proxy of the previous release runs when it starts. */
const startPreviousRelease = () =>
  sql`
    select create_ledger_partition((date_trunc('month', now() at time zone 'UTC') + make_interval(months => n))::date)
    from generate_series(0, 2) as n`.execute(test.db);

/** The number of rows in each table of the ledger that has some. */
async function listFilledMonths(): Promise<Record<string, number>> {
  const { rows } = await sql<{ name: string; count: number }>`
    select tableoid::regclass::text as name, count(*)::integer as count from ledger group by 1 order by 1`.execute(
    test.db,
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

it('the previous release starts although the default partition has rows', async () => {
  await misplaceRows(10);
  await startPreviousRelease();
  expect(await countRows(test.db, 'ledger')).toBe(10);
  expect(await prepareLedger(test.db)).toBe('ready');
  await startPreviousRelease();
});

it('rows in the default partition are moved to their months in short steps, and the counters agree with the ledger after each', async () => {
  await misplaceRows(9_000);
  const steps: string[] = [];
  const residues: unknown[] = [];
  const watching = new AbortController();
  const watch = (async () => {
    while (!watching.signal.aborted) {
      residues.push(...(await verifyLedger(test.db)));
      expect(await countRows(test.db, 'ledger')).toBe(9_000);
    }
  })();
  await prepareAgainAndAgain((step) => steps.push(step));
  watching.abort();
  await watch;
  expect(residues).toEqual([]);
  expect(steps.filter((step) => step === 'moving').length).toBeGreaterThan(5);

  const months = await listFilledMonths();
  expect(Object.keys(months).every((name) => /^ledger_\d{4}_\d{2}$/.test(name))).toBe(true);
  expect(Object.keys(months).length).toBeGreaterThanOrEqual(4);
  expect(await countRows(test.db, 'ledger_default')).toBe(0);
  expect(await readUpkeep(test.db)).toMatchObject({ misplacedRows: 0, missingMonths: [] });
});

/** Retries as servers do: another session that reads the ledger may hold a lock that a step needs. */
async function prepareAgainAndAgain(onStep: (step: string) => void): Promise<void> {
  for (;;) {
    const step = await prepareLedger(test.db, { onStep }).catch((error: { code?: string }) => {
      if (error.code !== '55P03') throw error;
      return 'locked';
    });
    if (step === 'ready') return;
    await sleep(20);
  }
}

it('requests that are settled while rows are moved are in the ledger once, and do not wait', async () => {
  await misplaceRows(9_000);
  const moving = prepareAgainAndAgain(() => undefined);
  const isOver = moving.then(() => true);
  const served = new Set<string>();
  let longest = 0;
  while (!(await Promise.race([isOver, sleep(0).then(() => false)]))) {
    const { requestId, settlementMilliseconds } = await serveRequest(test.db, { grantId, replicaId });
    served.add(requestId);
    longest = Math.max(longest, settlementMilliseconds);
  }
  expect(served.size).toBeGreaterThan(10);
  // A hundred times the usual duration, and less than the timeout of a proxy's statement.
  expect(longest).toBeLessThan(1_000);
  expect(await countRows(test.db, 'ledger')).toBe(9_000 + served.size);
  expect(await countRows(test.db, 'ledger_default')).toBe(0);
  const { rows } = await sql<{ request_id: string }>`select request_id from ledger`.execute(test.db);
  expect(new Set(rows.map((row) => row.request_id)).size).toBe(rows.length);
  expect(await verifyLedger(test.db)).toEqual([]);
});

it('an interrupted move is continued by the next process', async () => {
  await misplaceRows(9_000);
  const interrupted = new AbortController();
  let steps = 0;
  const onStep = () => {
    if (++steps === 4) interrupted.abort();
  };
  await expect(prepareLedger(test.db, { signal: interrupted.signal, onStep })).rejects.toThrow('abort');
  expect(await verifyLedger(test.db)).toEqual([]);
  const late = await serveRequest(test.db, { grantId, replicaId });

  const other = openDatabase({ url: test.url, applicationName: 'test' });
  let others = 0;
  expect(await prepareLedger(other, { onStep: (step) => (others += step === 'moving' ? 1 : 0) })).toBe('ready');
  await other.destroy();
  // A whole move has at most ten steps: a first step, one for each page, and a last step. There are at most eight pages,
  // because the rows are of four or five months. The other process continues after the pages that were copied.
  expect(others).toBeLessThanOrEqual(10 - steps);
  expect(await countRows(test.db, 'ledger')).toBe(9_001);
  const { rows } = await sql`select from ledger where request_id = ${late.requestId}`.execute(test.db);
  expect(rows).toHaveLength(1);
  expect(await verifyLedger(test.db)).toEqual([]);
});

it('a migration of the ledger during a move restarts the move, and no settlement fails', async () => {
  await misplaceRows(5_000);
  const halfWay = async () => {
    const interrupted = new AbortController();
    let steps = 0;
    const onStep = () => {
      if (++steps === 3) interrupted.abort();
    };
    await expect(prepareLedger(test.db, { signal: interrupted.signal, onStep })).rejects.toThrow('abort');
  };
  await halfWay();
  await sql`alter table ledger add column remark text default 'none'`.execute(test.db);
  await serveRequest(test.db, { grantId, replicaId });
  await halfWay();
  await sql`create index ledger_settled_at on ledger (settled_at)`.execute(test.db);
  await halfWay();
  await sql`alter table ledger add constraint ledger_is_short check (length(remark) < 100)`.execute(test.db);
  await serveRequest(test.db, { grantId, replicaId });
  expect(await prepareLedger(test.db)).toBe('ready');
  expect(await countRows(test.db, 'ledger')).toBe(5_002);
  expect(await countRows(test.db, 'ledger_default')).toBe(0);
  const { rows } = await sql<{ remark: string }>`select distinct remark from ledger`.execute(test.db);
  expect(rows).toEqual([{ remark: 'none' }]);
});

it('while a backup reads the ledger, the move releases its lock at once, and settlements continue', async () => {
  await misplaceRows(100);
  const backup = openDatabase({ url: test.url, applicationName: 'backup', maxConnections: 1 });
  let endBackup = () => {};
  const ended = new Promise<void>((resolve) => (endBackup = resolve));
  const reading = backup.transaction().execute(async (transaction) => {
    await sql`lock table ledger in access share mode`.execute(transaction);
    await ended;
  });
  await sleep(50);
  await expect(prepareLedger(test.db)).rejects.toMatchObject({ code: '55P03' });
  // No statement is left in the queue for the lock.
  const { rows } = await sql`select from pg_locks where not granted and database = (
    select oid from pg_database where datname = current_database())`.execute(test.db);
  expect(rows).toEqual([]);
  await serveRequest(test.db, { grantId, replicaId });
  endBackup();
  await reading;
  await backup.destroy();
  expect(await prepareLedger(test.db)).toBe('ready');
  expect(await countRows(test.db, 'ledger')).toBe(101);
});

it('one of several processes prepares the ledger, and each month is made once', async () => {
  await dropMonths(test.db);
  const all = await Promise.all([1, 2, 3, 4].map(() => prepareLedger(test.db)));
  expect(all).toContain('ready');
  expect((await readUpkeep(test.db)).missingMonths).toEqual([]);
  const { rows } = await sql`select from pg_inherits where inhparent = 'ledger'::regclass`.execute(test.db);
  expect(rows).toHaveLength(5);
});

it('a table that the operator has created under the name of a month is not changed', async () => {
  await dropMonths(test.db);
  const month = new Date().toISOString().slice(0, 7).replace('-', '_');
  await sql`create table ${sql.table(`ledger_${month}`)} (kept text)`.execute(test.db);
  expect(await prepareLedger(test.db)).toBe('ready');
  await serveRequest(test.db, { grantId, replicaId });
  expect(await listFilledMonths()).toEqual({ [`ledger_${month}_2`]: 1 });
  expect(await countRows(test.db, `ledger_${month}`)).toBe(0);
});
