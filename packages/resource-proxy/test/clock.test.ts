import { openDatabase, verifyLedger } from '@aipassport/store';
import type { TestDatabase } from '@aipassport/store/testing';
import { afterEach, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JSONWebKeySet } from 'jose';
import { sql } from 'kysely';
import { elapsedSince } from '../src/elapsed.js';
import { SigningKeys } from '../src/introspection/signing-keys.js';
import { answerJson } from './support/recording-upstream.js';
import { TestProxy } from './support/test-proxy.js';
import { waitUntil } from './support/wait-until.js';

const twoYearsMilliseconds = 2 * 366 * 86_400_000;
const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function start(options: Parameters<typeof TestProxy.start>[0]): Promise<TestProxy> {
  const proxy = await TestProxy.start(options);
  opened.push(() => proxy.stop());
  return proxy;
}

/** A ledger for which no partitions were made for months, so that its rows are in the default partition. */
async function ageLedger({ db, query }: TestDatabase): Promise<void> {
  const partitions = await query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'ledger'::regclass and c.relname <> 'ledger_default'`,
  );
  for (const { name } of partitions) await sql`drop table ${sql.table(name)}`.execute(db);
  await query(
    `insert into ledger (request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation, settlement,
       counted, cost, estimate, day, month, catalogue_version)
     select gen_random_uuid(), now() - n * interval '1 hour', 'gone', 'a', 'c', 'u', 'm', 'o', 'reported', true, 1, 1, now(),
       now(), 'v' from generate_series(0, 2999) as n`,
  );
}

async function countRows(proxy: TestProxy, table: string): Promise<number> {
  const [row] = await proxy.database.query<{ count: number }>(`select count(*)::integer as count from ${table}`);
  return row?.count ?? 0;
}

it('a proxy starts and serves although the ledger has no partitions for its months, and moves the rows into new partitions', async () => {
  const proxy = await start({ prepare: ageLedger, replicas: 2 });
  const { token } = await proxy.connect();
  expect((await proxy.chat(token)).status).toBe(200);
  await waitUntil(async () => (await countRows(proxy, 'ledger_default')) === 0, 'the default partition is empty');
  await waitUntil(async () => (await countRows(proxy, 'ledger')) === 3_001, 'the request is settled');
  expect(await verifyLedger(proxy.database.db)).toEqual([]);
  const events = proxy.lines.map((line) => (JSON.parse(line) as { event: string }).event);
  expect(events).toContain('ledger_rows_being_moved');
  expect(events).not.toContain('ledger_maintenance_failed');
});

it('a proxy starts and serves while the ledger cannot be prepared, since a backup reads it', async () => {
  let endBackup = () => {};
  const ended = new Promise<void>((resolve) => (endBackup = resolve));
  let backup: Promise<void> | undefined;
  const proxy = await start({
    prepare: async (database) => {
      await ageLedger(database);
      const db = openDatabase({ url: database.url, applicationName: 'backup', statementTimeoutMilliseconds: 0 });
      opened.push(() => db.destroy());
      await new Promise<void>((resolve) => {
        backup = db.transaction().execute(async (transaction) => {
          await sql`lock table ledger in access share mode`.execute(transaction);
          resolve();
          await ended;
        });
      });
    },
  });
  const { token } = await proxy.connect();
  expect((await proxy.chat(token)).status).toBe(200);
  await waitUntil(async () => (await countRows(proxy, 'ledger')) === 3_001, 'the request is settled');
  await waitUntil(
    () => proxy.lines.some((line) => line.includes('ledger_maintenance_failed')),
    'the failure is logged',
  );
  endBackup();
  await backup;
});

it('a request is settled normally if the clock is set years forward or back while it runs', async () => {
  let aheadMilliseconds = 0;
  const proxy = await start({ now: () => Date.now() + aheadMilliseconds });
  for (const jump of [twoYearsMilliseconds, -twoYearsMilliseconds]) {
    const { grant, token } = await proxy.connect();
    proxy.upstream.behaviour = (hit, response) => {
      aheadMilliseconds = jump;
      answerJson({ usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 } })(hit, response);
    };
    expect((await proxy.chat(token)).status).toBe(200);
    aheadMilliseconds = 0;
    const settled = () =>
      proxy.database.query<{ settlement: string }>('select settlement from ledger where grant_id = $1', [grant.id]);
    await waitUntil(async () => (await settled()).length === 1, 'the request is settled');
    expect(await settled()).toEqual([{ settlement: 'reported' }]);
  }
});

it('after a clock that was years ahead is corrected, a new signing key is found as quickly as before', async () => {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig' };
  let keySet: JSONWebKeySet = { keys: [{ ...jwk, kid: 'old' }] };
  let milliseconds = twoYearsMilliseconds;
  const keys = new SigningKeys({
    fetchKeySet: async () => keySet,
    now: () => milliseconds,
    onFailure: () => undefined,
  });
  const find = (kid: string) => keys.find({ alg: 'ES256', kid }, { payload: '', protected: '', signature: '' });
  await find('old');
  await expect(find('unknown')).rejects.toThrow();
  milliseconds = 0;
  keySet = { keys: [{ ...jwk, kid: 'new' }] };
  await expect(find('new')).resolves.toBeDefined();
});

it('an instant that was noted while the clock was ahead counts as long past', () => {
  expect(elapsedSince(1_000, 3_000)).toBe(2_000);
  expect(elapsedSince(3_000, 1_000)).toBe(0); // a normal clock adjustment
  expect(elapsedSince(twoYearsMilliseconds, 1_000)).toBe(Number.POSITIVE_INFINITY);
  expect(elapsedSince(Number.NEGATIVE_INFINITY, 1_000)).toBe(Number.POSITIVE_INFINITY);
});
