import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { revokeGrant, setAccountLimit } from '../src/authorization/index.js';
import { type GrantState, listGrantStates } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { addAccount, addGrant } from './fixtures.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
beforeEach(waitPastMidnight);
afterAll(() => test.close());

const day = sql<Date>`(now() at time zone 'UTC')::date`;
const month = sql<Date>`date_trunc('month', now() at time zone 'UTC')::date`;
const yesterday = sql<Date>`(now() at time zone 'UTC')::date - 1`;
const lastMonth = sql<Date>`(date_trunc('month', now() at time zone 'UTC') - interval '1 month')::date`;
const max = 9_223_372_036_854_775_807n;

type Counters = Readonly<Record<string, unknown>>;

async function withCounters(limits: Parameters<typeof addGrant>[1], counters: Counters): Promise<string> {
  const id = await addGrant(test.db, limits);
  await test.db.updateTable('grants').set(counters).where('id', '=', id).execute();
  return id;
}

const used = (limits: Readonly<Record<string, bigint | number>>, counters: Counters) =>
  withCounters({ limits }, counters);

it('reports for each grant, in the order of the given identifiers, that it is open, or why it is not', async () => {
  const revoked = await addGrant(test.db);
  await revokeGrant(test.db, { grantId: revoked, reason: 'owner', revokedBy: 'owner' });
  const expected: [string, GrantState][] = [
    [await addGrant(test.db), 'open'],
    ['nobody', 'unknown'],
    [revoked, 'revoked'],
    [await addGrant(test.db, { lifetimeSeconds: -1 }), 'expired'],
    [await used({ maxRequests: 5 }, { used_requests: 5n }), 'request_limit_reached'],
    [await used({ maxRequests: 5 }, { used_requests: 4n }), 'open'],
    [await used({ maxCost: 100n }, { spent: 100n }), 'budget_exhausted'],
    [await used({ maxCost: 100n }, { spent: 99n }), 'open'],
    [await used({ maxCostPerDay: 100n }, { day, month, day_cost: 100n }), 'day_budget_exhausted'],
    [await used({ maxCostPerMonth: 100n }, { day, month, month_cost: 100n }), 'month_budget_exhausted'],
    [await used({ maxCost: max }, { spent: max, held: 0n }), 'budget_exhausted'],
    [await used({}, { spent: max, held: max, day_cost: max, month_cost: max, day, month }), 'open'],
  ];
  const ids = expected.map(([id]) => id);
  expect(await listGrantStates(test.db, [...ids, ...ids])).toEqual(
    [...expected, ...expected].map(([, state]) => state),
  );
});

it('reports no limit as reached because of reservations, or of money spent on another day or in another month', async () => {
  const ids = [
    await used({ maxRequests: 5 }, { used_requests: 5n, held: 1n }),
    await used({ maxRequests: 5 }, { used_requests: 5n, open_streams: 1 }),
    await used({ maxCost: 100n }, { spent: 50n, held: 50n }),
    await used({ maxCostPerDay: 100n }, { day, month, day_cost: 100n, held: 1n }),
    await used({ maxCostPerMonth: 100n }, { day, month, month_cost: 100n, held: 100n }),
    await used({ maxCostPerDay: 100n }, { day: yesterday, month, day_cost: 100n }),
    await used({ maxCostPerMonth: 100n }, { day: lastMonth, month: lastMonth, month_cost: 100n }),
  ];
  expect(await listGrantStates(test.db, ids)).toEqual(ids.map(() => 'open'));
});

it('reports the budget of the account as exhausted, unless a grant of the account has a reservation', async () => {
  const accountId = await addAccount(test.db);
  await setAccountLimit(test.db, { accountId, maxCostPerMonth: 100n, mayRaise: true });
  const grant = await addGrant(test.db, { accountId });
  const other = await addGrant(test.db, { accountId });
  const spend = async (cost: bigint, held: bigint) => {
    await test.db.updateTable('account_limits').set({ month_cost: cost }).where('account_id', '=', accountId).execute();
    await test.db.updateTable('grants').set({ held }).where('id', '=', other).execute();
    return listGrantStates(test.db, [grant]);
  };
  expect(await spend(99n, 0n)).toEqual(['open']);
  expect(await spend(100n, 0n)).toEqual(['account_budget_exhausted']);
  expect(await spend(100n, 1n)).toEqual(['open']);
});
