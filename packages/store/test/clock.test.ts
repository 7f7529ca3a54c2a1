import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { countAttempt, disableAccount, findAccount, setAccountLimit } from '../src/authorization/index.js';
import { prepareLedger, verifyLedger } from '../src/index.js';
import { endLease, renewLease, settleDeadReplicas, watchClock } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { addAccount, addGrant } from './fixtures.js';
import { announceReplica, countRows, reserveRequest, serveRequest } from './ledger-fixtures.js';
import { createWrongClock, type WrongClock } from './wrong-clock.js';

const yearSeconds = 366 * 86_400;

let test: TestDatabase;
let clock: WrongClock;
beforeEach(waitPastMidnight);
beforeEach(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  clock = await createWrongClock(test);
});
afterEach(async () => {
  await clock.close();
  await test.close();
});

/** Serves one request with a replica that is announced at the clock's present time. */
async function serve(grantId: string): Promise<void> {
  await serveRequest(clock.db, { grantId, replicaId: await announceReplica(clock.db) });
}

it('proxies that run for two years without a restart store every row in the partition of its month', async () => {
  const grantId = await addGrant(clock.db, { lifetimeSeconds: 3 * yearSeconds, limits: { maxCostPerMonth: 120n } });
  for (let month = 0; month <= 24; month++) {
    await clock.set(`${month} months`);
    // Each proxy makes this call regularly.
    expect(await prepareLedger(clock.db)).toBe('ready');
    // Each month has its own budget. February may have 29 days in one of the two years.
    await serve(grantId);
    await serve(grantId);
    await expect(serve(grantId)).rejects.toThrow('month_budget_exhausted');
  }
  expect(await countRows(test.db, 'ledger_default')).toBe(0);
  expect(await countRows(test.db, 'ledger')).toBe(50);
  const { rows } = await sql<{ name: string }>`select distinct tableoid::regclass::text as name from ledger`.execute(
    test.db,
  );
  expect(rows).toHaveLength(25);
  expect(await verifyLedger(clock.db)).toEqual([]);
});

it('after a proxy of the previous release has run for two years, both releases start on its ledger', async () => {
  const grantId = await addGrant(clock.db, { lifetimeSeconds: 3 * yearSeconds });
  for (const ahead of ['0', '4 months', '5 months', '13 months', '24 months']) {
    await clock.set(ahead);
    await serve(grantId);
  }
  expect(await countRows(test.db, 'ledger_default')).toBe(4);
  // The previous release runs this when it starts.
  await sql`
    select create_ledger_partition((date_trunc('month', now() at time zone 'UTC') + make_interval(months => n))::date)
    from generate_series(0, 2) as n`.execute(clock.db);
  await serve(grantId);
  expect(await prepareLedger(clock.db)).toBe('ready');
  expect(await countRows(test.db, 'ledger_default')).toBe(0);
  expect(await countRows(test.db, 'ledger')).toBe(6);
  expect(await verifyLedger(clock.db)).toEqual([]);
});

it('after a clock that was two years ahead is corrected, a grant is admitted again, and its day and month end at the right time', async () => {
  const limits = { maxRequestsPerMinute: 60, maxTokensPerMinute: 6_000, maxCostPerDay: 120n, maxCostPerMonth: 260n };
  const grantId = await addGrant(clock.db, { lifetimeSeconds: 3 * yearSeconds, limits });
  const quiet = await addGrant(clock.db, { limits });
  await watchClock(clock.db);
  await serve(grantId);
  await serve(quiet);
  await clock.set('2 years');
  await watchClock(clock.db);
  await serve(grantId);
  await serve(grantId);

  await clock.set('0');
  await expect(serve(grantId)).rejects.toThrow('not admitted');
  expect(await watchClock(clock.db)).toBe(true);
  expect(await watchClock(clock.db)).toBe(false);
  expect(await verifyLedger(test.db)).toEqual([]);
  await emptyBuckets();
  // Of today's budget, 40 are spent, as before the clock was wrong.
  await serve(grantId);
  await emptyBuckets();
  await expect(serve(grantId)).rejects.toThrow('day_budget_exhausted');
  await clock.set('1 month');
  await watchClock(clock.db);
  await serve(grantId);
  expect(await verifyLedger(clock.db)).toEqual([]);
});

const emptyBuckets = () => sql`update grants set bucket_full_at = now(), tokens_full_at = now()`.execute(test.db);

it('after a clock was set back, the counters of any number of grants are corrected in short steps', async () => {
  const grantIds: string[] = [];
  while (grantIds.length < 450)
    grantIds.push(...(await Promise.all(Array.from({ length: 50 }, () => addGrant(clock.db)))));
  await watchClock(clock.db);
  await clock.set('2 years');
  await watchClock(clock.db);
  await sql`
    update grants set day = (now() + interval '2 years')::date, month = date_trunc('month', now() + interval '2 years'),
      bucket_full_at = now() + interval '2 years'`.execute(test.db);
  await clock.set('0');
  expect(await watchClock(clock.db)).toBe(true);
  const { rows } = await sql`
    select from grants where day > now()::date or month > now() or bucket_full_at > now() + interval '1 minute'`.execute(
    test.db,
  );
  expect(rows).toEqual([]);
  expect(await countRows(test.db, 'grants')).toBe(grantIds.length);
});

it('neither another time zone nor a clock that is set back by seconds or hours changes a counter', async () => {
  const grantId = await addGrant(clock.db, { limits: { maxCostPerDay: 50n } });
  await watchClock(clock.db);
  await serve(grantId);
  const readRow = async () => (await sql`select * from grants where id = ${grantId}`.execute(test.db)).rows[0];
  // The stored day is the day in Kiritimati, but the grant's time zone is now that of Honolulu.
  await sql`update grants set day = (now() at time zone 'Pacific/Kiritimati')::date, time_zone = 'Pacific/Honolulu'`.execute(
    test.db,
  );
  const before = await readRow();
  await clock.set('-50 seconds');
  expect(await watchClock(clock.db)).toBe(false);
  await clock.set('-2 hours');
  expect(await watchClock(clock.db)).toBe(true);
  expect(await readRow()).toEqual(before);
});

it('after the clock was set back, an account’s budget is for the earlier month again, and includes the costs of that month', async () => {
  const accountId = await addAccount(clock.db);
  const grantId = await addGrant(clock.db, { accountId, lifetimeSeconds: 3 * yearSeconds });
  const replicaId = await announceReplica(clock.db);
  const serveOf = () => serveRequest(clock.db, { grantId, replicaId, accountId });
  await setAccountLimit(clock.db, { accountId, maxCostPerMonth: 120n, mayRaise: true });
  await watchClock(clock.db);
  await serveOf();
  await clock.set('2 years');
  await renewLease(clock.db, { replicaId, leaseSeconds: 3_600 });
  await watchClock(clock.db);
  await serveOf();
  await clock.set('0');
  await watchClock(clock.db);
  await serveOf();
  const { rows } = await sql<{ month_cost: bigint }>`select month_cost from account_limits`.execute(test.db);
  expect(rows).toEqual([{ month_cost: 80n }]);
  await expect(serveOf()).rejects.toThrow('account_budget_exhausted');
});

it('the reservations of a proxy that died while the clock was ahead are charged soon after the clock is correct again', async () => {
  const grantId = await addGrant(clock.db, { lifetimeSeconds: 3 * yearSeconds });
  await clock.set('2 years');
  await watchClock(clock.db);
  const [dead, alive] = [await announceReplica(clock.db), await announceReplica(clock.db)];
  await reserveRequest(clock.db, { grantId, replicaId: dead });
  await clock.set('0');
  await watchClock(clock.db);
  await renewLease(clock.db, { replicaId: alive, leaseSeconds: 3_600 });
  expect(await settleDeadReplicas(clock.db)).toBe(0);
  await clock.set('11 minutes');
  expect(await settleDeadReplicas(clock.db)).toBe(1);
  await serveRequest(clock.db, { grantId, replicaId: alive });
  await endLease(clock.db, alive);
});

it('guesses that were counted while the clock was ahead do not lock an account', async () => {
  const attempt = { key: 'sign-in', limit: 2, windowSeconds: 600 };
  await clock.set('2 years');
  for (const allowed of [true, true, false]) expect((await countAttempt(clock.db, attempt)).allowed).toBe(allowed);
  await clock.set('0');
  for (const allowed of [true, true, false]) expect((await countAttempt(clock.db, attempt)).allowed).toBe(allowed);
});

it('an account is disabled at the database’s time, and not at the time of the process', async () => {
  const accountId = await addAccount(clock.db);
  await clock.set('2 years');
  expect(await disableAccount(clock.db, accountId)).toBe(true);
  const { disabledAt } = (await findAccount(clock.db, accountId)) ?? {};
  const { rows } = await sql<{ now: Date }>`select now()`.execute(clock.db);
  const secondsAgo = ((rows[0]?.now.getTime() ?? 0) - (disabledAt?.getTime() ?? 0)) / 1_000;
  expect(secondsAgo).toBeGreaterThanOrEqual(0);
  expect(secondsAgo).toBeLessThan(60);
});
