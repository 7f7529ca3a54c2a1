import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { setAccountLimit } from '../src/authorization/index.js';
import { verifyLedger } from '../src/index.js';
import {
  type Admission,
  type AdmissionRequest,
  admitRequests,
  endLease,
  findGrantStatus,
  insertReplica,
  type OperatorKeys,
  type Settlement,
  settleDeadReplicas,
  settleRequests,
} from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount, addGrant } from './fixtures.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  await insertReplica(test.db, { replicaId: 'one', leaseSeconds: 3_600 });
});
afterAll(() => test.close());

const operatorKeys = {
  upstreams: ['openai'],
  maxCostPerMonth: 2n ** 63n - 1n,
  maxCostPerMonthOfAccount: 2n ** 63n - 1n,
};

function admit(requests: readonly AdmissionRequest[], caps?: OperatorKeys): Promise<readonly Admission[]> {
  return admitRequests(test.db, { replicaId: 'one', catalogueVersion: 'test', requests, operatorKeys: caps });
}

function requestOf(grant: { readonly grantId: string; readonly accountId: string }): AdmissionRequest {
  const kind = { upstream: 'openai', model: 'gpt-4o', operation: 'openai.chat/completions' };
  return { requestId: randomUUID(), ...grant, estimate: 100n, floor: 10n, tokens: 100, isStream: true, ...kind };
}

const settlementOf = (request: AdmissionRequest): Settlement => ({ ...request, settlement: 'reported', cost: 40n });

/** A grant with every kind of limit. Its account has a limit too. */
async function addLimitedGrant(): Promise<{ readonly grantId: string; readonly accountId: string }> {
  const accountId = await addAccount(test.db);
  await setAccountLimit(test.db, { accountId, maxCostPerMonth: 1_000_000n, mayRaise: true });
  const limits = {
    maxRequests: 100,
    maxRequestsPerMinute: 100,
    maxTokensPerMinute: 100_000,
    maxStreams: 100,
    maxCost: 1_000_000n,
    maxCostPerDay: 1_000_000n,
    maxCostPerMonth: 1_000_000n,
  };
  return { grantId: await addGrant(test.db, { accountId, limits }), accountId };
}

/** The extreme values of each type, and null for columns that may be empty. */
const ends: Readonly<Record<string, readonly (string | null)[]>> = {
  bigint: ['9223372036854775807', '1', '0', null],
  integer: ['2147483647', '1', '0', null],
  date: ['5874897-12-31', '4713-01-01 BC', 'infinity', '-infinity', null],
  'timestamp with time zone': ['294276-12-31 23:59:59Z', '4713-01-02 00:00:00Z BC', 'infinity', '-infinity', null],
};

/** Every extreme value of every column whose type has such values. */
async function listExtremes(table: string) {
  const { rows } = await sql<{ column: string; type: string }>`
    select column_name as column, data_type as type from information_schema.columns
    where table_name = ${table} and table_schema = 'public'`.execute(test.db);
  return rows.flatMap(({ column, type }) => (ends[type] ?? []).map((value) => ({ table, column, value })));
}

/** @returns false when the table's own constraints refuse the value */
async function plant({ table, column, value }: { table: string; column: string; value: string | null }, id: string) {
  const key =
    table === 'grants' ? 'id' : table === 'reservations' || table === 'abandoned_requests' ? 'grant_id' : 'account_id';
  const set = sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sql.lit(value)} where ${sql.ref(key)} = ${id}`;
  return set.execute(test.db).then(
    () => true,
    () => false,
  );
}

it.each(['grants', 'account_limits', 'operator_spending'])(
  'no value that a column of %s can hold makes an admission or a settlement fail for others',
  async (table) => {
    const innocent = { grantId: await addGrant(test.db), accountId: await addAccount(test.db) };
    let planted = 0;
    for (const extreme of await listExtremes(table)) {
      const victim = await addLimitedGrant();
      const before = requestOf(victim);
      expect((await admit([before], operatorKeys))[0]?.verdict).toBe('admitted');
      if (!(await plant(extreme, table === 'grants' ? victim.grantId : victim.accountId))) continue;
      planted += 1;
      const asked = [requestOf(victim), requestOf(innocent), requestOf(victim)];
      const [first, second, third] = await admit(asked, operatorKeys);
      expect({ ...extreme, verdict: second?.verdict }).toEqual({ ...extreme, verdict: 'admitted' });
      expect([first?.verdict, third?.verdict]).not.toContain('unknown');
      const { settled } = await settleRequests(test.db, [before, ...asked].map(settlementOf));
      expect({ ...extreme, settled: settled >= 2 }).toEqual({ ...extreme, settled: true });
      await sql`delete from grants where id = ${victim.grantId}`.execute(test.db);
    }
    expect(planted).toBeGreaterThan(6);
    expect((await findGrantStatus(test.db, innocent.grantId))?.usage).toMatchObject({ reserved: 0n, openStreams: 0 });
    await sql`delete from operator_spending`.execute(test.db);
  },
);

it('no value that a reservation can hold makes a settlement, or the settling of dead replicas, fail for others', async () => {
  await insertReplica(test.db, { replicaId: 'dead', leaseSeconds: 3_600 });
  const innocent = { grantId: await addGrant(test.db), accountId: await addAccount(test.db) };
  // `admitted_at` selects the partition of the ledger. Partitions are not part of this test.
  const extremes = (await listExtremes('reservations')).filter(({ column }) => column !== 'admitted_at');
  let planted = 0;
  for (const extreme of extremes) {
    const victim = await addLimitedGrant();
    for (const replicaId of ['one', 'dead']) {
      const requests = [requestOf(victim), requestOf(victim), requestOf(innocent)];
      await admitRequests(test.db, { replicaId, catalogueVersion: 'test', requests, operatorKeys });
      if (await plant(extreme, victim.grantId)) planted += 1;
      if (replicaId === 'one') expect((await settleRequests(test.db, requests.map(settlementOf))).settled).toBe(3);
      await sql`update replicas set lease_until = now() where id = 'dead'`.execute(test.db);
      expect(await settleDeadReplicas(test.db)).toBe(replicaId === 'one' ? 0 : 3);
      await insertReplica(test.db, { replicaId: 'dead', leaseSeconds: 3_600 });
    }
    await sql`delete from grants where id = ${victim.grantId}`.execute(test.db);
  }
  expect(planted).toBeGreaterThan(20);
  expect((await findGrantStatus(test.db, innocent.grantId))?.usage).toMatchObject({ reserved: 0n, openStreams: 0 });
});

it('no value that a charge of a dead replica can hold makes a correction fail for others', async () => {
  const innocent = { grantId: await addGrant(test.db), accountId: await addAccount(test.db) };
  const extremes = (await listExtremes('abandoned_requests')).filter(({ column }) => column !== 'admitted_at');
  let planted = 0;
  for (const extreme of extremes) {
    const victim = await addLimitedGrant();
    const replicaId = randomUUID();
    await insertReplica(test.db, { replicaId, leaseSeconds: 3_600 });
    const requests = [requestOf(victim), requestOf(innocent)];
    await admitRequests(test.db, { replicaId, catalogueVersion: 'test', requests, operatorKeys });
    await endLease(test.db, replicaId);
    expect(await settleDeadReplicas(test.db)).toBe(2);
    if (await plant(extreme, victim.grantId)) planted += 1;
    expect((await settleRequests(test.db, requests.map(settlementOf))).settled).toBe(2);
  }
  expect(planted).toBeGreaterThan(10);
  const { requests = 0, spent } = (await findGrantStatus(test.db, innocent.grantId))?.usage ?? {};
  expect(spent).toBe(BigInt(requests) * 40n);
});

it('a grant whose counters are full is refused, and its ledger can still be verified', async () => {
  const grant = { grantId: await addGrant(test.db), accountId: await addAccount(test.db) };
  const requests = Array.from({ length: 3 }, () => requestOf(grant));
  await admit(requests);
  const cost = 2n ** 63n - 1n;
  const settlements = requests.map((request) => ({ ...request, settlement: 'reported', cost }) as const);
  expect((await settleRequests(test.db, settlements.slice(0, 1))).settled).toBe(1);
  expect((await settleRequests(test.db, settlements.slice(1))).settled).toBe(2);
  expect((await findGrantStatus(test.db, grant.grantId))?.usage.spent).toBe(cost);
  expect(await admit([requestOf(grant)])).toEqual([{ verdict: 'budget_exhausted', mayFitLater: false }]);
  const residues = await verifyLedger(test.db);
  expect(residues.filter(({ grantId }) => grantId === grant.grantId)).toEqual([]);
});

it('counts and durations that are out of range are clamped before they are stored, and NaN is stored as null', async () => {
  const grant = { grantId: await addGrant(test.db), accountId: await addAccount(test.db) };
  const request = requestOf(grant);
  await admit([request]);
  const settlement: Settlement = {
    ...request,
    settlement: 'reported',
    cost: 40n,
    inputTokens: 1e308,
    cachedInputTokens: -1,
    cacheWriteTokens: Number.NaN,
    outputTokens: 1.5,
    toolCalls: 1e15,
    status: Number.POSITIVE_INFINITY,
    durationMilliseconds: 1e15,
    firstByteMilliseconds: -0.5,
  };
  expect((await settleRequests(test.db, [settlement])).settled).toBe(1);
  const { rows } = await sql`
    select input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, tool_calls, status,
      duration_milliseconds, first_byte_milliseconds
    from ledger where request_id = ${request.requestId}`.execute(test.db);
  expect(rows).toEqual([
    {
      input_tokens: BigInt(Number.MAX_SAFE_INTEGER),
      cached_input_tokens: 0n,
      cache_write_tokens: null,
      output_tokens: 1n,
      tool_calls: 2_147_483_647,
      status: 2_147_483_647,
      duration_milliseconds: 2_147_483_647,
      first_byte_milliseconds: 0,
    },
  ]);
});

it('an estimate that exceeds its column is refused as too high, and no other request is', async () => {
  const [grant, other] = await Promise.all([addLimitedGrant(), addLimitedGrant()]);
  const tooMuch = { ...requestOf(grant), estimate: 10n ** 30n, floor: 10n ** 30n, tokens: 1e300 };
  expect((await admit([tooMuch, requestOf(other)])).map(({ verdict }) => verdict)).toEqual([
    'budget_exhausted',
    'admitted',
  ]);
});
