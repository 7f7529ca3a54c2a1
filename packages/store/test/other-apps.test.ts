import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { findOtherAppsCost, markRedeemed, revokeGrant, upsertArtifact } from '../src/authorization/index.js';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { addAccount, addClient, addGrant, type TestGrant } from './fixtures.js';
import { createWrongClock } from './wrong-clock.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
beforeEach(waitPastMidnight);
afterAll(() => test.close());

async function addRedeemedGrant(grant: TestGrant): Promise<string> {
  const id = await addGrant(test.db, grant);
  const token = { model: 'RefreshToken', idHash: id, payload: {}, grantId: id, uid: undefined, expiresInSeconds: 60 };
  await upsertArtifact(test.db, token);
  await markRedeemed(test.db, id);
  return id;
}

/** Sums what the grants of other clients can spend. Each grant has used what its row says. */
async function sumRests(rows: readonly (TestGrant & { readonly used?: string })[]) {
  const [accountId, clientId] = [await addAccount(test.db), await addClient(test.db)];
  for (const { used = 'spent = 0', ...grant } of rows) {
    const id = await addRedeemedGrant({ accountId, ...grant });
    await sql`update grants set ${sql.raw(used)} where id = ${id}`.execute(test.db);
  }
  return { accountId, clientId, others: await findOtherAppsCost(test.db, { accountId, clientId }) };
}

const today = `(now() at time zone time_zone)::date`;
const month = `date_trunc('month', ${today})::date`;
const yearSeconds = 365 * 86_400;

it('without grants for other clients, nothing can be spent', async () => {
  expect((await sumRests([])).others).toEqual({ isUnlimited: false, monthRest: 0n });
});

it('sums the rest of the total and monthly limits, and counts only the present month as used', async () => {
  const { others } = await sumRests([
    { limits: { maxCost: 100n }, used: 'spent = 30, held = 20' },
    { limits: { maxCost: 100n }, used: 'spent = 130' },
    { limits: { maxCost: 1_000n, maxCostPerMonth: 50n }, used: `month_cost = 8, month = ${month}` },
    { limits: { maxCostPerMonth: 9n }, used: `month_cost = 8, month = (${month} - interval '1 month')::date` },
  ]);
  expect(others).toEqual({ isUnlimited: false, monthRest: 70n + 0n + 42n + 9n });
});

it('a limit by day counts once for each day until the end of the month, or of the grant', async () => {
  const maxCostPerDay = 10n;
  const { others } = await sumRests([
    { limits: { maxCostPerDay }, lifetimeSeconds: yearSeconds, used: `day_cost = 4, day = ${today}` },
    { limits: { maxCostPerDay }, lifetimeSeconds: yearSeconds, used: `day_cost = 4, day = ${today} - 1` },
  ]);
  const { rows } = await sql<{ days: number }>`
    select (date_trunc('month', now()) + interval '1 month')::date - now()::date as days`.execute(test.db);
  expect(others.monthRest).toBe(20n * BigInt(rows[0]?.days ?? 0) - 4n);
  const soon = await sumRests([{ limits: { maxCostPerDay }, used: `expires_at = now() + interval '1 second'` }]);
  expect(soon.others.monthRest).toBeLessThanOrEqual(20n);
});

it('says that a grant has no spending limit, and leaves out grants of this client, grants of other accounts, and those that have ended', async () => {
  const { accountId, clientId } = await sumRests([{ limits: { maxCost: 7n } }]);
  const ended = await addRedeemedGrant({ accountId });
  await revokeGrant(test.db, { grantId: ended, reason: 'owner', revokedBy: accountId });
  for (const grant of [{ accountId, clientId }, {}, { accountId, lifetimeSeconds: -1 }]) await addRedeemedGrant(grant);
  await addGrant(test.db, { accountId });
  expect(await findOtherAppsCost(test.db, { accountId, clientId })).toEqual({ isUnlimited: false, monthRest: 7n });
  expect((await sumRests([{ limits: { maxCost: 7n } }, { limits: { maxRequests: 5 } }])).others).toEqual({
    isUnlimited: true,
    monthRest: 7n,
  });
});

it('a grant that ends at midnight can spend nothing on the day that begins then', async () => {
  const [accountId, clientId] = [await addAccount(test.db), await addClient(test.db)];
  const id = await addRedeemedGrant({ accountId, limits: { maxCostPerDay: 10n } });
  await sql`update grants set time_zone = 'Europe/Berlin' where id = ${id}`.execute(test.db);
  const clock = await createWrongClock(test);
  // noon on the 10th of this month, UTC
  const { rows } = await sql<{ ahead: string }>`
    select (date_trunc('month', now()) + interval '9 days 12:00' - now())::text as ahead`.execute(test.db);
  await clock.set(rows[0]?.ahead ?? '');
  for (const [days, monthRest] of [
    [1, 10n],
    [2, 20n],
  ] as const) {
    await sql`
      update grants set expires_at = ((now() at time zone time_zone)::date + ${days}::int)::timestamp at time zone time_zone
      where id = ${id}`.execute(clock.db);
    expect(await findOtherAppsCost(clock.db, { accountId, clientId })).toEqual({ isUnlimited: false, monthRest });
  }
  await clock.close();
});
