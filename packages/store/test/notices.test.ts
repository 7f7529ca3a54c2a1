import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { listAccountSummaries, listNoticeCandidates, sendNotice } from '../src/authorization/index.js';
import { deleteExpired } from '../src/index.js';
import { settleRequests } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount, addGrant } from './fixtures.js';
import { announceReplica, countRows, reserveRequest } from './ledger-fixtures.js';
import { createWrongClock, type WrongClock } from './wrong-clock.js';

let test: TestDatabase;
let clock: WrongClock;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  clock = await createWrongClock(test);
});
afterAll(async () => {
  await clock.close();
  await test.close();
});

/** Adds an account whose owner gets mails. */
async function addReader(): Promise<string> {
  const accountId = await addAccount(test.db);
  await sql`
    insert into account_mail (account_id, confirmed_email, language) select id, email, 'en' from accounts
    where id = ${accountId}`.execute(test.db);
  return accountId;
}

/** Moves the clock to Sunday of this week, 23:30 UTC, plus an interval. */
async function goTo(afterSunday: string): Promise<void> {
  const { rows } = await sql<{ ahead: string }>`
    select (date_trunc('week', now()) + interval '6 days 23:30' + ${afterSunday}::interval - now())::text as ahead`.execute(
    test.db,
  );
  await clock.set(rows[0]?.ahead ?? '');
}

/**
 * The AI provider refuses the provider key now, and a server cleans up and looks for notices. Counts the mails so far.
 */
async function refuseKey(): Promise<number> {
  await sql`
    insert into provider_key_refusals (account_id, upstream, provider_key_id, refused_at, refusal)
    select account_id, upstream, id, now(), '401 invalid_api_key' from provider_keys
    on conflict (account_id, upstream) do update set refused_at = excluded.refused_at`.execute(clock.db);
  await sql`delete from maintenance`.execute(test.db);
  await deleteExpired(clock.db, { table: 'sent_notices', worker: 'w' });
  const { candidates } = await listNoticeCandidates(clock.db, { after: '', most: 10 });
  for (const candidate of candidates) await sendNotice(clock.db, candidate);
  return countRows(test.db, 'mails');
}

// The other tests set the clock, so this one comes first.
it('money that is only reserved is not reported as spent, neither to the owner nor to the operator', async () => {
  const accountId = await addReader();
  await sql`
    insert into account_limits (account_id, time_zone, max_cost_per_month, month)
    values (${accountId}, 'UTC', 120, '2000-01-01')`.execute(test.db);
  const limits = { maxCostPerDay: 120n, maxCostPerMonth: 120n };
  const grantId = await addGrant(test.db, { accountId, limits });
  const replicaId = await announceReplica(test.db);
  const listBudgets = async () =>
    (await listNoticeCandidates(test.db, { after: '', most: 10 })).candidates
      .filter((found) => found.accountId === accountId)
      .map(({ detail }) => detail);
  const readMonthCost = async () =>
    (await listAccountSummaries(test.db, { search: '', after: '', limit: 10 })).find(({ id }) => id === accountId)
      ?.monthCost;
  const requestId = await reserveRequest(test.db, { grantId, replicaId, accountId });
  expect([await listBudgets(), await readMonthCost()]).toEqual([[], 0n]);
  await settleRequests(test.db, [{ requestId, grantId, accountId, settlement: 'reported', cost: 100n }]);
  expect(await listBudgets()).toHaveLength(3);
  expect(await readMonthCost()).toBe(100n);
  await sql`delete from account_mail where account_id = ${accountId}`.execute(test.db);
});

it('a provider key that is refused again within seven days is reported once, even if a new week of the calendar has begun', async () => {
  const accountId = await addReader();
  await sql`
    insert into provider_keys (id, account_id, upstream, host, version, sealing_key_id, jwe, last_four)
    values ('key', ${accountId}, 'openai', 'h', 1, 'k', 'j', 'test')`.execute(test.db);
  await goTo('0');
  expect(await refuseKey()).toBe(1);
  await goTo('1 hour');
  expect(await refuseKey()).toBe(1);
  await goTo('6 days 23:00');
  expect(await refuseKey()).toBe(1);
  await goTo('7 days 00:10');
  expect(await refuseKey()).toBe(2);
});

it('if a time zone further west is set, the day and the month that have begun still count, although the date there is a day earlier', async () => {
  const accountId = await addReader();
  const grantId = await addGrant(test.db, { accountId, limits: { maxCostPerDay: 100n, maxCostPerMonth: 200n } });
  await sql`
    insert into account_limits (account_id, time_zone, max_cost_per_month, month, month_cost)
    values (${accountId}, 'Pacific/Honolulu', 200, now() + interval '1 month', 200)`.execute(test.db);
  await sql`
    update grants set time_zone = 'Pacific/Honolulu', last_used_at = now(), month = now() + interval '1 month', month_cost = 200,
      day = (now() at time zone 'Pacific/Kiritimati')::date, day_cost = 100
    where id = ${grantId}`.execute(test.db);
  const { candidates } = await listNoticeCandidates(test.db, { after: '', most: 10 });
  const budgets = candidates.filter((found) => found.accountId === accountId).map(({ detail }) => detail);
  expect(budgets).toHaveLength(3);
  for (const [period, of] of [
    ['day', grantId],
    ['month', grantId],
    ['month', null],
  ] as const)
    expect(budgets).toContainEqual(expect.objectContaining({ period, grantId: of, level: 100 }));
  const [summary] = (await listAccountSummaries(test.db, { search: '', after: '', limit: 10 })).filter(
    ({ id }) => id === accountId,
  );
  expect(summary?.monthCost).toBe(200n);
});
