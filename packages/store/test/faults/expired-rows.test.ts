import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type Database, deleteExpired, openDatabase } from '../../src/index.js';
import { createTestDatabase, reportResult, scale, type TestDatabase } from '../../src/testing.js';
import { countRows } from '../ledger-fixtures.js';

const rows = scale(30_000, 1_200_000);
const timeoutMilliseconds = scale(120_000, 1_800_000);

let test: TestDatabase;
let operator: Database;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  operator = openDatabase({ url: test.url, applicationName: 'operator', statementTimeoutMilliseconds: 0 });
  await sql`
    insert into artifacts (model, id_hash, payload, uid, expires_at)
    select 'Interaction', gen_random_uuid()::text, jsonb_build_object('params', repeat(n::text, 100)), gen_random_uuid()::text,
      now() - interval '10 days' + n * interval '1 microsecond'
    from generate_series(1, ${rows}::integer) as n`.execute(operator);
}, timeoutMilliseconds);
afterAll(async () => {
  await operator.destroy();
  await test.close();
});

it(
  'more expired rows than one statement can delete are removed in short steps, even while the snapshot of a backup contains them',
  async () => {
    // While this transaction is open, vacuum cannot remove deleted rows, so each step may have to skip the dead rows of
    // the earlier steps.
    const backup = operator
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (transaction) => {
        await sql`select from artifacts limit 1`.execute(transaction);
        while (!isOver) await sleep(100);
      });
    let isOver = false;
    // This connection has the pool and the statement timeout of a server.
    const server = openDatabase({ url: test.url, applicationName: 'server' });
    let [longestStep, beganAt] = [0, performance.now()];
    const startedAt = beganAt;
    const onStep = () => {
      longestStep = Math.max(longestStep, performance.now() - beganAt);
      beganAt = performance.now();
    };
    const removed = await deleteExpired(server, { table: 'artifacts', worker: 'worker', onStep });
    isOver = true;
    await backup;
    await server.destroy();
    const seconds = Math.round(performance.now() - startedAt) / 1_000;
    const detail = { rows, seconds, 'longest step with its rest, ms': Math.round(longestStep) };
    reportResult({ row: 'size', fault: 'expired rows', faults: 1, requests: 0, violations: [], detail });
    expect(removed).toBe(rows);
    expect(await countRows(test.db, 'artifacts')).toBe(0);
  },
  timeoutMilliseconds,
);
