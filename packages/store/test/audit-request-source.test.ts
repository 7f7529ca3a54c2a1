import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { deleteAccount, insertAuditEvent, setAccountLimit, updateTimeZone } from '../src/authorization/index.js';
import { verifyAccountEvents, verifyEvents, withRequestSource } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { keys, sealAll } from './audit-fixtures.js';
import { addAccount } from './fixtures.js';

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterEach(() => test.close());

/** Runs a statement as a superuser. */
const run = (text: string, parameters: readonly unknown[] = []) => test.query(text, parameters);

const source = { requestId: 'request-1', ipAddress: '203.0.113.7' };
const stored = { request_id: source.requestId, address: source.ipAddress };
const listDetails = async (event: string) => {
  const rows = await test.db
    .selectFrom('audit_events')
    .select('detail')
    .where('event', '=', event)
    .orderBy('id')
    .execute();
  return rows.map(({ detail }) => detail);
};

// The ids at the beginning of titles are rows of docs/security.md.
it('G2: an event names the request that caused it and its IP address, also in a transaction and in a function of the database', async () => {
  const accountId = await addAccount(test.db);
  const db = withRequestSource(test.db, source);
  await insertAuditEvent(db, { event: 'signed_in', accountId, detail: { by: 'passkey' } });
  await db.transaction().execute((transaction) => insertAuditEvent(transaction, { event: 'signed_in', accountId }));
  await insertAuditEvent(test.db, { event: 'signed_in', accountId });
  expect(await listDetails('signed_in')).toEqual([{ by: 'passkey', ...stored }, stored, {}]);
  await setAccountLimit(db, { accountId, maxCostPerMonth: 5n, mayRaise: true });
  await setAccountLimit(test.db, { accountId, maxCostPerMonth: 4n, mayRaise: true });
  expect(await listDetails('account_limit_changed')).toEqual([
    { max_cost_per_month: '5', max_cost_per_month_before: null, ...stored },
    { max_cost_per_month: '4', max_cost_per_month_before: '5' },
  ]);
  await updateTimeZone(db, accountId, 'Europe/Berlin');
  expect(await listDetails('time_zone_changed')).toEqual([
    { time_zone: 'Europe/Berlin', time_zone_before: 'UTC', ...stored },
  ]);
});

it('G3: a changed, removed or added IP address is detected', async () => {
  const accountId = await addAccount(test.db);
  await insertAuditEvent(withRequestSource(test.db, source), { event: 'signed_in', accountId });
  await insertAuditEvent(test.db, { event: 'signed_in', accountId });
  await sealAll(test.db);
  const edit = async (id: number, detail: object) => {
    await run('update audit_events set detail = $1 where id = $2', [detail, id]);
    const { fault } = await verifyEvents(test.db, keys);
    await run('update audit_events set detail = $1 where id = $2', [id === 1 ? stored : {}, id]);
    return fault;
  };
  expect(await edit(1, { ...stored, address: '203.0.113.8' })).toMatchObject({ kind: 'edited', eventId: 1n });
  expect(await edit(1, { request_id: source.requestId })).toMatchObject({ kind: 'edited', eventId: 1n });
  expect(await edit(2, { address: '203.0.113.8' })).toMatchObject({ kind: 'edited', eventId: 2n });
  expect((await verifyEvents(test.db, keys)).fault).toBeUndefined();
  await run('update audit_seals set address_digest = null where event_id = 1');
  expect((await verifyEvents(test.db, keys)).fault).toMatchObject({ kind: 'seal_changed', eventId: 1n });
});

it('G3: the IP addresses of a deleted account are removed, and its events can still be verified', async () => {
  const [deleted, kept] = [await addAccount(test.db), await addAccount(test.db)];
  for (const accountId of [deleted, kept])
    await insertAuditEvent(withRequestSource(test.db, source), { event: 'signed_in', accountId });
  await sealAll(test.db);
  await insertAuditEvent(withRequestSource(test.db, source), { event: 'signed_out', accountId: deleted });
  expect(await deleteAccount(withRequestSource(test.db, source), deleted)).toBe(true);
  expect(await listDetails('signed_in')).toEqual([{ request_id: source.requestId }, stored]);
  expect(await listDetails('signed_out')).toEqual([{ request_id: source.requestId }]);
  expect(await listDetails('account_deleted')).toMatchObject([{ request_id: source.requestId }]);
  expect(await run("select from audit_events where account_id <> $1 and detail ? 'address'", [kept])).toEqual([]);
  await sealAll(test.db);
  expect(await verifyEvents(test.db, keys)).toMatchObject({ fault: undefined, unsealed: 0 });
  expect((await verifyAccountEvents(test.db, keys, { accountId: kept })).fault).toBeUndefined();
  // if the account still exists, a removed IP address counts as a change
  await run("update audit_events set detail = detail - 'address' where account_id = $1", [kept]);
  expect((await verifyEvents(test.db, keys)).fault).toMatchObject({ kind: 'edited', eventId: 2n });
});
