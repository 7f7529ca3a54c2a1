import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type Database, dropLedgerBefore, openDatabase, prepareLedger, verifyLedger } from '../../src/index.js';
import { createTestDatabase, reportResult, scale, type TestDatabase } from '../../src/testing.js';
import { addAccount, addClient, addGrant } from '../fixtures.js';
import { announceReplica, countRows, dropMonths, fillLedger, serveRequest } from '../ledger-fixtures.js';

const rows = scale(200_000, 10_000_000);
const timeoutMilliseconds = scale(120_000, 3_600_000);
/** A hundred times the duration of a settlement, and less than the timeout of a proxy's statements. */
const maxSettlementMilliseconds = 1_400;
/** Each month has a third of the rows. */
const months = ['2020-01', '2020-02', '2020-03'];

let test: TestDatabase;
/** Connections with the settings of the operator's commands. */
let operator: Database;
let grantIds: readonly string[];
let replicaId: string;

beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  const options = { url: test.url, applicationName: 'operator', maxConnections: 2 };
  operator = openDatabase({ ...options, statementTimeoutMilliseconds: 0 });
  replicaId = await announceReplica(test.db);
  const [accountId, clientId] = [await addAccount(test.db), await addClient(test.db)];
  grantIds = await Promise.all(Array.from({ length: 1_000 }, () => addGrant(test.db, { accountId, clientId })));
  await sql`select create_ledger_partition(day::date) from unnest(array['2020-01-01', '2020-02-01', '2020-03-01']) as day`.execute(
    operator,
  );
  await fillLedger(operator, { grantIds, count: rows, from: new Date('2020-01-01Z'), to: new Date('2020-04-01Z') });
  await sql`vacuum analyze ledger`.execute(operator);
}, timeoutMilliseconds);
afterAll(async () => {
  await operator.destroy();
  await test.close();
});

/** Serves one request after the other until the work is done, and measures the slowest settlement. */
async function whileServing<T>(
  work: Promise<T>,
): Promise<{ result: T; served: number; slowest: number; took: number }> {
  const beganAt = performance.now();
  const isOver = work.then(
    () => true,
    () => true,
  );
  let [served, slowest] = [0, 0];
  while (!(await Promise.race([isOver, sleep(1).then(() => false)]))) {
    const grantId = grantIds[served++ % grantIds.length] ?? '';
    slowest = Math.max(slowest, (await serveRequest(test.db, { grantId, replicaId })).settlementMilliseconds);
  }
  const took = Math.round(performance.now() - beganAt);
  return { result: await work, served, slowest: Math.round(slowest), took };
}

function reportSize(fault: string, { served, slowest, took }: { served: number; slowest: number; took: number }): void {
  const detail = { rows, seconds: took / 1_000, 'slowest settlement, ms': slowest };
  reportResult({ row: 'size', fault, faults: 1, requests: served, violations: [], detail });
}

it(
  'verify-ledger reads a large ledger in short steps, reports its progress, and is correct while requests are served',
  async () => {
    const progress: string[] = [];
    let longestStep = 0;
    let stepBeganAt = performance.now();
    const verifying = verifyLedger(operator, ({ name, percent }) => {
      longestStep = Math.max(longestStep, performance.now() - stepBeganAt);
      stepBeganAt = performance.now();
      progress.push(`${name} ${percent}`);
    });
    const outcome = await whileServing(verifying);
    reportSize('verify-ledger', outcome);
    expect(outcome.result).toEqual([]);
    for (const month of months) expect(progress).toContain(`ledger_${month.replace('-', '_')} 100`);
    // By default, a server's statement is cancelled after five seconds.
    expect(longestStep).toBeLessThan(5_000);
    expect(outcome.slowest).toBeLessThan(maxSettlementMilliseconds);
    await sql`update grants set spent = spent + 1 where id = ${grantIds[0]}`.execute(test.db);
    expect(await verifyLedger(operator)).toMatchObject([{ grantId: grantIds[0], counter: 'spent' }]);
    await sql`update grants set spent = spent - 1 where id = ${grantIds[0]}`.execute(test.db);
  },
  timeoutMilliseconds,
);

it(
  'drop-ledger drops one month at a time; if it is killed, no sum of a month is lost or counted twice',
  async () => {
    const before = new Date('2020-02-15Z');
    const killed = openDatabase({ url: test.url, applicationName: 'killed', statementTimeoutMilliseconds: 0 });
    const dropping = dropLedgerBefore(killed, { before }).catch((error: Error) => error);
    await operator.transaction().execute(async (transaction) => {
      // While this lock is held, the drop stops halfway: the month is detached, but not yet archived.
      await sql`lock table ledger_archive in exclusive mode`.execute(transaction);
      while ((await killWaiting('killed')) === 0) await sleep(10);
      expect(await dropping).toBeInstanceOf(Error);
    });
    await killed.destroy();
    // The table of the month is no longer a partition, but its rows still count.
    expect(await countRows(operator, 'ledger_dropping_2020_01')).toBeGreaterThan(rows / 4);
    expect(await verifyLedger(operator)).toEqual([]);

    const outcome = await whileServing(dropLedgerBefore(operator, { before }));
    reportSize('drop-ledger', outcome);
    expect(outcome.result).toEqual(['ledger_2020_01']);
    expect(outcome.slowest).toBeLessThan(maxSettlementMilliseconds);
    expect(await verifyLedger(operator)).toEqual([]);
    const { rows: left } = await sql`select from pg_class where relname ~ '^ledger_(dropping_)?2020_01'`.execute(
      operator,
    );
    expect(left).toEqual([]);
  },
  timeoutMilliseconds,
);

/** Kills the connections that wait for a lock. @returns how many there were */
async function killWaiting(applicationName: string): Promise<number> {
  const { rows: found } = await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = ${applicationName} and wait_event_type = 'Lock'`.execute(operator);
  return found.length;
}

it(
  'rows of the default partition are moved to their months while requests are served, without delaying a request',
  async () => {
    // The same state as if no partition had ever been created for these months.
    await sql`alter table ledger detach partition ledger_2020_02`.execute(operator);
    await sql`alter table ledger detach partition ledger_2020_03`.execute(operator);
    await dropMonths(operator);
    await sql`insert into ledger select * from ledger_2020_02 union all select * from ledger_2020_03`.execute(operator);
    await sql`drop table ledger_2020_02, ledger_2020_03`.execute(operator);
    const misplaced = await countRows(operator, 'ledger_default');
    expect(misplaced).toBeGreaterThan(rows / 2);

    const outcome = await whileServing(prepareLedger(test.db, { restFactor: 0, onWaiting: () => undefined }));
    reportSize('rows of the default partition', outcome);
    expect(outcome.result).toBe('ready');
    expect(outcome.slowest).toBeLessThan(maxSettlementMilliseconds);
    expect(await countRows(operator, 'ledger_default')).toBe(0);
    expect(await countRows(operator, 'ledger')).toBe(misplaced + outcome.served);
  },
  timeoutMilliseconds,
);
