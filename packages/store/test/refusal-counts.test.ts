import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { openDatabase, type Refusal, RefusalCounts, recordRefusals } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount } from './fixtures.js';

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterEach(() => test.close());

const run = (text: string, parameters: readonly unknown[] = []) => test.query(text, parameters);
const endWindows = () => run("update refusal_counts set counted_until = now() - interval '31 seconds'");
const listEvents = () =>
  run('select event, account_id, client_id, grant_id, detail from audit_events order by id') as Promise<
    { event: string; account_id: string | null; client_id: string | null; detail: Record<string, unknown> }[]
  >;
const refused: Refusal = {
  event: 'request_refused',
  reason: 'rate_limited',
  accountId: 'account',
  clientId: 'client',
  grantId: 'grant',
  requestId: 'request',
};

// The ids at the beginning of titles are rows of docs/security.md.
it('G2: any number of refusals of one subject in a window is one event, with their count and the last request', async () => {
  const accountId = await addAccount(test.db);
  const servers = [1, 2].map(() => openDatabase({ url: test.urls.authorization, applicationName: 'test' }));
  const counts = servers.map(() => new RefusalCounts());
  for (let n = 0; n < 500; n += 1) counts[n % 2]?.count({ ...refused, accountId, requestId: `request-${n % 2}` });
  await Promise.all(servers.map(async (db, index) => counts[index]?.flush(db)));
  counts[0]?.count({ ...refused, accountId, requestId: 'last', ipAddress: '203.0.113.7' });
  await counts[0]?.flush(test.db);
  expect(await recordRefusals(test.db)).toBe(0);
  expect(await listEvents()).toEqual([]);
  await endWindows();
  const recorded = await Promise.all(servers.map((db) => recordRefusals(db)));
  expect(recorded.filter((count) => count > 0)).toEqual([1]);
  const time = expect.stringMatching(/^\d{4}-/);
  expect(await listEvents()).toEqual([
    {
      event: 'request_refused',
      account_id: accountId,
      client_id: 'client',
      grant_id: 'grant',
      detail: {
        reason: 'rate_limited',
        count: 501,
        first_at: time,
        last_at: time,
        request_id: 'last',
        address: '203.0.113.7',
      },
    },
  ]);
  expect(await run('select from refusal_counts')).toEqual([]);
  await Promise.all(servers.map((db) => db.destroy()));
});

it('an e-mail address that was typed is not stored: it is replaced by the id of its account, or counted without one', async () => {
  const accountId = await addAccount(test.db);
  const [{ email = '' } = {}] = (await run('select email from accounts')) as { email?: string }[];
  const counts = new RefusalCounts();
  const event = 'sign_in_limited';
  counts.count({ event, email: email.toUpperCase(), requestId: 'known' });
  for (let n = 0; n < 50; n += 1) counts.count({ event, email: `stranger-${n}@example.com`, requestId: 'unknown' });
  await counts.flush(test.db);
  expect(await run('select account_id, count from refusal_counts order by account_id')).toEqual([
    { account_id: '', count: 50n },
    { account_id: accountId, count: 1n },
  ]);
});

it('after 10,000 subjects, further ones are counted together', async () => {
  const counts = new RefusalCounts();
  for (let n = 0; n < 10_050; n += 1) counts.count({ ...refused, grantId: `grant-${n}` });
  counts.count({ ...refused, grantId: 'grant-1' });
  await counts.flush(test.db);
  expect(
    await run("select count(*)::int as subjects, sum(count)::int as count from refusal_counts where grant_id <> ''"),
  ).toEqual([{ subjects: 10_000, count: 10_001 }]);
  expect(await run("select client_id, count from refusal_counts where grant_id = ''")).toEqual([
    { client_id: '', count: 50n },
  ]);
});

it('counts that could not be written are kept, and an account that was deleted meanwhile is not named', async () => {
  const counts = new RefusalCounts();
  counts.count(refused);
  await run('alter table refusal_counts rename to missing');
  await expect(counts.flush(test.db)).rejects.toThrow('refusal_counts');
  await run('alter table missing rename to refusal_counts');
  counts.count(refused);
  await counts.flush(test.db);
  await counts.flush(test.db);
  await endWindows();
  expect(await recordRefusals(test.db)).toBe(1);
  expect(await listEvents()).toMatchObject([{ account_id: null, client_id: 'client', detail: { count: 2 } }]);
});

it('a proxy may count refusals, and may not write the audit log', async () => {
  const proxy = openDatabase({ url: test.urls.proxy, applicationName: 'test' });
  const counts = new RefusalCounts();
  for (let n = 0; n < 2; n += 1) {
    counts.count(refused);
    await counts.flush(proxy);
  }
  expect(await run('select count from refusal_counts')).toEqual([{ count: 2n }]);
  await expect(recordRefusals(proxy)).rejects.toThrow('permission denied');
  await proxy.destroy();
});
