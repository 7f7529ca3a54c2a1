import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { type Database, openDatabase, verifyLedger, verifyOperatorSpending, verifyUsage } from '../src/index.js';
import { findGrantStatus } from '../src/proxying/index.js';
import { createTestDatabase, reportResult, scale, seed, type TestDatabase } from '../src/testing.js';
import { addAccount, addClient } from './fixtures.js';
import type { Act, SomeLimits } from './model/act.js';
import * as act from './model/acts.js';
import {
  type Model,
  type Outcome,
  openOf,
  type Real,
  reservedOf,
  reservedOfOperator,
  Upstream,
} from './model/model.js';
import * as owner from './model/owner-acts.js';

const place = fc.nat({ max: 11 });
const replica = fc.integer({ min: 0, max: 1 });
const limits = fc.record({
  maxRequests: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  maxCost: fc.option(fc.bigInt({ min: 1n, max: 1_000n }), { nil: undefined }),
});
const amount = fc.bigInt({ min: 0n, max: 200n });
const outcome: fc.Arbitrary<Outcome> = fc.record({
  how: fc.constantFrom('reported', 'reported', 'estimated', 'unbilled', 'released'),
  percent: fc.integer({ min: 0, max: 100 }),
});
const request = fc
  .record({
    replica,
    grant: place,
    count: fc.integer({ min: 1, max: 6 }),
    amounts: fc.array(amount, { minLength: 3, maxLength: 3 }),
    isOpen: fc.boolean(),
    isPatient: fc.boolean(),
    outcome,
  })
  .map(({ amounts, ...asked }) => {
    const [floor = 0n, share = 0n, estimate = 0n] = amounts.sort((a, b) => (a < b ? -1 : 1));
    return act.request({ ...asked, floor, share, estimate });
  });
const acts = fc.commands(
  [
    limits.map((of) => owner.grant(of)),
    fc.tuple(limits, amount).map(([of, room]) => owner.grant(of, room)),
    fc.boolean().map(owner.ownKey),
    // Requests are the most frequent acts.
    request,
    request,
    request,
    fc.record({ place, times: fc.integer({ min: 1, max: 3 }) }).map(act.settle),
    fc.record({ place, times: fc.integer({ min: 1, max: 3 }) }).map(act.settle),
    fc.tuple(place, limits).map(([of, to]) => owner.narrow(of, to)),
    fc.tuple(place, limits, fc.boolean()).map(([of, to, mayRaise]) => owner.raise(of, to, mayRaise)),
    place.map(owner.revoke),
    replica.map(act.crash),
    replica.map(act.restart),
    replica.map(act.restart),
    replica.map(act.lapse),
    replica.map(act.renew),
    fc.constant(act.sweep),
  ],
  { maxCommands: 30, size: 'medium' },
);

let test: TestDatabase;
let replicas: readonly Database[];
let accountId: string;
let clientId: string;
const upstream = new Upstream();
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  replicas = [1, 2].map(() => openDatabase({ url: test.url, applicationName: 'test', maxConnections: 3 }));
  accountId = await addAccount(test.db);
  clientId = await addClient(test.db);
});
afterAll(async () => {
  await Promise.all(replicas.map((db) => db.destroy()));
  await test.close();
});

/** The operator's counters, which include all earlier sequences. */
async function readOperatorSpending(account: string): Promise<{ readonly cost: bigint; readonly held: bigint }> {
  const { rows } = await sql<{ cost: bigint; held: bigint }>`
    select cost, held from operator_spending where account_id = ${account}`.execute(test.db);
  return rows[0] ?? { cost: 0n, held: 0n };
}

/** Compares our ledger and counters with the model and with the AI provider's record. */
async function compareBooks(model: Model): Promise<void> {
  for (const grant of model.grants) {
    const usage = (await findGrantStatus(test.db, grant.id))?.usage;
    expect(usage).toMatchObject({
      requests: grant.requests,
      spent: grant.spent,
      reserved: reservedOf(model, grant),
      openStreams: openOf(model, grant).length,
    });
    const { forwarded, billed } = upstream.of(grant.id);
    expect(grant.requests).toBeGreaterThanOrEqual(forwarded);
    expect(grant.spent - grant.spentBefore + reservedOf(model, grant)).toBeGreaterThanOrEqual(billed);
  }
  const { cap, spent } = model.operator;
  if (cap === undefined) return;
  const ofKeys = { cost: spent + reservedOfOperator(model), held: reservedOfOperator(model) };
  for (const account of ['', accountId]) {
    const { cost, held: heldNow } = await readOperatorSpending(account);
    expect({ cost: cost - spentBefore.cost, held: heldNow - spentBefore.held }).toEqual(ofKeys);
  }
  expect(ofKeys.cost).toBeLessThanOrEqual(cap);
}

let admitted = 0;
let corrected = 0;
let spentBefore = { cost: 0n, held: 0n };
const caps = fc.record({
  cap: fc.option(fc.bigInt({ min: 0n, max: 2_000n }), { nil: undefined }),
  isOfAccount: fc.boolean(),
});
interface Caps {
  readonly cap: bigint | undefined;
  readonly isOfAccount: boolean;
}

/** Plays one sequence. After it, the leases of all replicas end, and a sweep charges the reservations that are left. */
async function play(commands: Iterable<Act>, first: SomeLimits, { cap, isOfAccount }: Caps): Promise<void> {
  spentBefore = await readOperatorSpending('');
  const max = cap === undefined ? undefined : cap + spentBefore.cost;
  const operatorKeys = {
    upstreams: ['openai'],
    maxCostPerMonth: isOfAccount ? undefined : max,
    maxCostPerMonthOfAccount: isOfAccount ? max : undefined,
  };
  const processes = [1, 2].map(() => ({ lease: '', isRunning: true }));
  const operator = { cap, spent: 0n };
  const model: Model = {
    grants: [],
    requests: [],
    processes,
    leases: new Map(),
    hasOwnKey: false,
    operator,
    corrections: 0,
  };
  const real: Real = { db: test.db, replicas, accountId, clientId, upstream, operatorKeys };
  await owner.ownKey(false).run(model, real);
  await owner.grant(first).run(model, real);
  for (const [index] of processes.entries()) await act.announce(model, index, real);
  await fc.asyncModelRun(() => ({ model, real }), commands);
  await compareBooks(model);
  await sql`update replicas set lease_until = now()`.execute(test.db);
  for (const lease of model.leases.values()) lease.hasEnded = true;
  await act.sweep.run(model, real);
  await compareBooks(model);
  for (const grant of model.grants) expect(reservedOf(model, grant)).toBe(0n);
  admitted += model.requests.length;
  corrected += model.corrections;
}

it('the ledger and the counters agree with the model and with the AI provider’s bills after every sequence of acts of owners, clients and replicas', async () => {
  const run = await fc.check(
    fc.asyncProperty(acts, limits, caps, play),
    // A failed sequence leaves rows behind that make the next one fail too. So fast-check must not try to shrink it.
    { numRuns: scale(1_000, 10_000), seed, endOnFailure: true },
  );
  const message = fc.defaultReportMessage(run);
  reportResult({
    row: 'properties',
    fault:
      'any sequence of grants, changed limits, revocations, keys, requests, settlements, corrections, crashes and sweeps',
    faults: run.numRuns,
    requests: admitted,
    violations: message === undefined ? [] : [message],
  });
  expect(message).toBeUndefined();

  expect([await verifyLedger(test.db), await verifyOperatorSpending(test.db), await verifyUsage(test.db)]).toEqual([
    [],
    [],
    [],
  ]);
  const { rows } = await sql<{ request_id: string; cost: bigint; counted: boolean; rows: bigint }>`
    select coalesce(corrects, request_id) as request_id, sum(cost)::bigint as cost,
      bool_or(counted) and not bool_or(settlement = 'withdrawn') as counted,
      count(*) filter (where corrects is null) as rows
    from ledger group by 1`.execute(test.db);
  expect(rows).toHaveLength(admitted);
  expect(rows.filter((row) => row.rows !== 1n)).toEqual([]);
  expect(corrected).toBeGreaterThan(0);
  const billed = rows.filter((row) => upstream.bills.has(row.request_id));
  expect(billed).toHaveLength(upstream.bills.size);
  expect(billed.filter((row) => !row.counted || row.cost < (upstream.bills.get(row.request_id) ?? 0n))).toEqual([]);
}, 900_000);
