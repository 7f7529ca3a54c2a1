import { randomUUID } from 'node:crypto';
import { type Limits, limitKinds, noLimits } from '@aipassport/policy';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  findAccount,
  findAccountLimit,
  findGrant,
  listUsage,
  parseUsagePosition,
  setAccountLimit,
  updateGrantLimits,
  updateTimeZone,
} from '../src/authorization/index.js';
import { verifyLedger } from '../src/index.js';
import { type AdmissionRequest, admitRequests, insertReplica, settleRequests } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { addAccount, addClient, addGrant } from './fixtures.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  await insertReplica(test.db, { replicaId: 'one', leaseSeconds: 3_600 });
});
beforeEach(waitPastMidnight);
afterAll(async () => {
  expect(await verifyLedger(test.db)).toEqual([]);
  await test.close();
});

async function admit(grantId: string, accountId: string): Promise<{ requestId: string; verdict: string }> {
  const request: AdmissionRequest = {
    requestId: randomUUID(),
    grantId,
    accountId,
    estimate: 100n,
    floor: 10n,
    tokens: 100,
    isStream: false,
    upstream: 'openai',
    model: 'gpt-4o',
    operation: 'openai.chat/completions',
  };
  const [admission] = await admitRequests(test.db, { replicaId: 'one', catalogueVersion: 'test', requests: [request] });
  return { requestId: request.requestId, verdict: admission?.verdict ?? 'none' };
}

/** Admits a request with a reservation of 100, and settles it with a cost of 10. */
async function admitAndSettle(grantId: string, accountId: string): Promise<void> {
  const { requestId, verdict } = await admit(grantId, accountId);
  expect(verdict).toBe('admitted');
  await settleRequests(test.db, [{ requestId, grantId, accountId, settlement: 'reported', cost: 10n }]);
}

describe('without permission to raise', () => {
  const one: Limits = {
    maxRequests: 10,
    maxRequestsPerMinute: 10,
    maxTokensPerMinute: 10,
    maxStreams: 10,
    maxCost: 10n,
    maxCostPerDay: 10n,
    maxCostPerMonth: 10n,
  };
  const inAnHour = new Date(Date.now() + 3_600_000);
  const later = new Date(inAnHour.getTime() + 1);

  it.each(limitKinds)('%s of a grant may be lowered and set, but neither raised nor removed', async (kind) => {
    const accountId = await addAccount(test.db);
    const grantId = await addGrant(test.db, { accountId, limits: one });
    const change = (value: number | undefined) => {
      const of = kind.startsWith('maxCost') && value !== undefined ? BigInt(value) : value;
      const limits = { ...one, [kind]: of };
      return updateGrantLimits(test.db, { grantId, accountId, limits, expiresAt: inAnHour, mayRaise: false });
    };
    expect([await change(11), await change(undefined), await change(10), await change(9), await change(10)]).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
    const open = await addGrant(test.db, { accountId });
    const update = { grantId: open, accountId, expiresAt: inAnHour, mayRaise: false };
    expect(await updateGrantLimits(test.db, { ...update, limits: one })).toBe(true);
  });

  it('a grant may end earlier, but not later', async () => {
    const accountId = await addAccount(test.db);
    const grantId = await addGrant(test.db, { accountId });
    const change = (expiresAt: Date) =>
      updateGrantLimits(test.db, { grantId, accountId, limits: noLimits, expiresAt, mayRaise: false });
    expect(await change(inAnHour)).toBe(true);
    expect(await change(later)).toBe(false);
    expect((await findGrant(test.db, grantId))?.expiresAt).toEqual(inAnHour);
  });

  it('the limit of an account may be set and lowered, but neither raised nor removed', async () => {
    const accountId = await addAccount(test.db);
    const change = (maxCostPerMonth: bigint | undefined, mayRaise = false) =>
      setAccountLimit(test.db, { accountId, maxCostPerMonth, mayRaise });
    expect([await change(10n), await change(9n), await change(10n), await change(undefined)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(await findAccountLimit(test.db, accountId)).toEqual({ maxCostPerMonth: 9n, monthCost: 0n, reserved: 0n });
    expect(await change(undefined, true)).toBe(true);
    expect(await findAccountLimit(test.db, accountId)).toBeUndefined();
  });

  it('in a new month, neither the costs nor the reservations of the month before count', async () => {
    const accountId = await addAccount(test.db);
    const grantId = await addGrant(test.db, { accountId });
    await setAccountLimit(test.db, { accountId, maxCostPerMonth: 500n, mayRaise: false });
    const { requestId } = await admit(grantId, accountId);
    expect(await findAccountLimit(test.db, accountId)).toMatchObject({ monthCost: 100n, reserved: 100n });
    const shift = (months: number) => sql`
      with limits as (
        update account_limits set month = (month + make_interval(months => ${months}))::date where account_id = ${accountId}
      )
      update reservations set month = (month + make_interval(months => ${months}))::date where account_id = ${accountId}`;
    await shift(-1).execute(test.db);
    expect(await findAccountLimit(test.db, accountId)).toMatchObject({ monthCost: 0n, reserved: 0n });
    await shift(1).execute(test.db);
    await settleRequests(test.db, [
      {
        requestId,
        grantId,
        accountId,
        settlement: 'reported',
        cost: 10n,
      },
    ]);
  });
});

describe('a time zone', () => {
  // These two are 25 hours apart, so they never have the same date.
  const [east, west] = ['Pacific/Kiritimati', 'Pacific/Pago_Pago'];

  it('that the database does not know is refused, and nothing changes', async () => {
    const accountId = await addAccount(test.db);
    for (const name of ['Europe/Atlantis', 'europe/berlin', '', "x' or true"])
      expect(await updateTimeZone(test.db, accountId, name)).toBe(false);
    expect((await findAccount(test.db, accountId))?.timeZone).toBe('UTC');
  });

  it('applies to the account, its limit and its grants, including later ones', async () => {
    const accountId = await addAccount(test.db);
    const stranger = await addGrant(test.db);
    await setAccountLimit(test.db, { accountId, maxCostPerMonth: 1_000n, mayRaise: false });
    await addGrant(test.db, { accountId });
    expect(await updateTimeZone(test.db, accountId, 'Europe/Berlin')).toBe(true);
    await addGrant(test.db, { accountId });
    const grants = await test.db.selectFrom('grants').select(['account_id', 'time_zone', 'id']).execute();
    const zones = (own: boolean) =>
      grants.filter((grant) => (own ? grant.account_id === accountId : grant.id === stranger));
    expect(zones(true).map(({ time_zone }) => time_zone)).toEqual(['Europe/Berlin', 'Europe/Berlin']);
    expect(zones(false).map(({ time_zone }) => time_zone)).toEqual(['UTC']);
    const limits = await test.db
      .selectFrom('account_limits')
      .select('time_zone')
      .where('account_id', '=', accountId)
      .execute();
    expect(limits).toEqual([{ time_zone: 'Europe/Berlin' }]);
  });

  it('counts a request in one month for its grant and for the limit of the account, even if the time zone is changed at the end of a month', async () => {
    const accountId = await addAccount(test.db);
    await setAccountLimit(test.db, { accountId, maxCostPerMonth: 1_000n, mayRaise: true });
    const grantId = await addGrant(test.db, { accountId });
    await admitAndSettle(grantId, accountId);
    // As if a request had begun the account's next month in a time zone to the east.
    await sql`update account_limits set month = (month + interval '1 month')::date, month_cost = 0
      where account_id = ${accountId}`.execute(test.db);
    for (const id of [grantId, await addGrant(test.db, { accountId })]) await admitAndSettle(id, accountId);
    const { month_cost } = await test.db
      .selectFrom('account_limits')
      .select('month_cost')
      .where('account_id', '=', accountId)
      .executeTakeFirstOrThrow();
    expect(month_cost).toBe(20n);
  });

  it('renews a daily budget at most once for each date, even if the time zone is changed repeatedly', async () => {
    const accountId = await addAccount(test.db);
    await updateTimeZone(test.db, accountId, west);
    const grantId = await addGrant(test.db, { accountId, limits: { maxCostPerDay: 100n } });
    const verdictIn = async (zone: string) => {
      await updateTimeZone(test.db, accountId, zone);
      return (await admit(grantId, accountId)).verdict;
    };
    const verdicts = [];
    for (const zone of [west, west, east, west, east, west, east]) verdicts.push(await verdictIn(zone));
    expect(verdicts).toEqual([
      'admitted',
      'day_budget_exhausted',
      'admitted',
      ...Array(4).fill('day_budget_exhausted'),
    ]);
  });
});

it('lists the uses of a grant, the latest first, up to the requested number', async () => {
  const accountId = await addAccount(test.db);
  const clientId = await addClient(test.db);
  const grantId = await addGrant(test.db, { accountId, clientId });
  const other = await addGrant(test.db, { accountId, clientId });
  const requestIds: string[] = [];
  for (const [n, of] of [grantId, grantId, other, grantId].entries()) {
    const { requestId } = await admit(of, accountId);
    requestIds.push(requestId);
    await settleRequests(test.db, [
      {
        requestId,
        grantId: of,
        accountId,
        settlement: n === 1 ? 'released' : 'reported',
        cost: 40n,
        ...(n === 1 ? {} : { inputTokens: 10, outputTokens: 20, status: 200 }),
      },
    ]);
  }
  const { entries, next } = await listUsage(test.db, { accountId, of: { grantId }, limit: 2 });
  expect(entries).toEqual([
    {
      requestId: requestIds[3],
      admittedAt: expect.any(Date),
      upstream: 'openai',
      model: 'gpt-4o',
      operation: 'openai.chat/completions',
      settlement: 'reported',
      cost: 40n,
      inputTokens: 10,
      outputTokens: 20,
      isSimulated: false,
      status: 200,
    },
    expect.objectContaining({ requestId: requestIds[1], settlement: 'released', cost: 0n, status: undefined }),
  ]);
  const rest = await listUsage(test.db, {
    accountId,
    of: { grantId },
    limit: 2,
    after: parseUsagePosition(next ?? ''),
  });
  expect([rest.entries.map(({ requestId }) => requestId), rest.next]).toEqual([[requestIds[0]], undefined]);
  const ofClient = await listUsage(test.db, { accountId, of: { clientId }, limit: 50 });
  expect(ofClient.entries.map(({ requestId }) => requestId)).toEqual(requestIds.toReversed());
});
