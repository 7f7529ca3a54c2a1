import { randomUUID } from 'node:crypto';
import { noLimits, parseGrantedScope } from '@aipassport/policy';
import { verifyLedger, verifyOperatorSpending, verifyUsage } from '@aipassport/store';
import {
  insertAccount,
  insertGrant,
  revokeGrant,
  updateGrantLimits,
  upsertClient,
} from '@aipassport/store/authorization';
import { findGrantStatus, settleDeadReplicas } from '@aipassport/store/proxying';
import { createTestDatabase, reportResult, scale, seed, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { waitUntil } from '../support/wait-until.js';
import { MortalReplica } from './mortal-replica.js';

/** What the AI provider billed under a grant, and what its owner allows. */
interface Granted {
  readonly id: string;
  /** This and `maxCost`: the highest limits that have applied in the current moment (see `moments`). */
  maxRequests: number;
  maxCost: bigint;
  isRevoked: boolean;
  forwarded: number;
  billed: bigint;
}

type Act = { readonly grant: number } & (
  | {
      readonly kind: 'request';
      readonly replica: number;
      readonly estimate: bigint;
      readonly how: 'reported' | 'estimated' | 'unbilled' | 'released';
      readonly percent: number;
      /** How long the AI provider takes. */
      readonly milliseconds: number;
    }
  | { readonly kind: 'limits'; readonly maxRequests: number; readonly maxCost: bigint }
  | { readonly kind: 'revoke' }
  | { readonly kind: 'crash'; readonly replica: number }
  | { readonly kind: 'sweep' }
);

const grant = fc.nat({ max: 1 });
const replica = fc.nat({ max: 1 });
const maxRequests = fc.integer({ min: 1, max: 20 });
const maxCost = fc.bigInt({ min: 100n, max: 3_000n });
const request = fc.record({
  kind: fc.constant('request' as const),
  grant,
  replica,
  estimate: fc.bigInt({ min: 0n, max: 300n }),
  how: fc.constantFrom('reported', 'reported', 'estimated', 'unbilled', 'released'),
  percent: fc.integer({ min: 0, max: 100 }),
  milliseconds: fc.integer({ min: 0, max: 8 }),
});
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 20, arbitrary: request },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('limits' as const), grant, maxRequests, maxCost }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke' as const), grant }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), grant, replica }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sweep' as const), grant }) },
);
/** Moments, one after the other. All acts of one moment run in parallel. */
const moments = fc.array(fc.array(act, { minLength: 1, maxLength: 16, size: 'medium' }), {
  minLength: 1,
  maxLength: 5,
});

let test: TestDatabase;
let accountId: string;
let replicas: MortalReplica[];
const burials: (() => Promise<void>)[] = [];
beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  accountId = (await insertAccount(test.db, { email: 'owner@example.com', passwordHash: 'not-a-hash' }))?.id ?? '';
  await upsertClient(test.db, {
    id: 'client',
    name: 'Client',
    metadata: {},
    secretHash: undefined,
    webOrigins: [],
    registeredBy: 'operator',
  });
  replicas = [await MortalReplica.start(test.url, operatorKeys), await MortalReplica.start(test.url, operatorKeys)];
});
afterAll(async () => {
  await Promise.all(burials.map((bury) => bury()));
  await Promise.all(replicas.map((one) => one.stop()));
  await test.close();
});

const expiresAt = new Date(Date.now() + 3_600_000);

async function addGrant(limits: Pick<Granted, 'maxRequests' | 'maxCost'>): Promise<Granted> {
  const id = randomUUID();
  await insertGrant(test.db, {
    id,
    accountId,
    clientId: 'client',
    tokens: parseGrantedScope('model:gpt-4o cap:chat'),
    limits: { ...noLimits, ...limits },
    reason: undefined,
    expiresAt,
  });
  return { id, ...limits, isRevoked: false, forwarded: 0, billed: 0n };
}

/** No account has a provider key here, so all requests use the operator's. Each sequence gets its own monthly cap. */
const operatorKeys = { upstreams: ['u'], maxCostPerMonth: 0n, maxCostPerMonthOfAccount: undefined };

async function readOperatorSpending(): Promise<bigint> {
  const { rows } = await sql<{ cost: bigint }>`select cost from operator_spending where account_id = ''`.execute(
    test.db,
  );
  return rows[0]?.cost ?? 0n;
}

const bills = new Map<string, bigint>();
let sent = 0;

/** Admits, forwards and settles a request, as a proxy does. If the replica dies, the remaining steps are left out. */
async function send(of: Granted, asked: Extract<Act, { kind: 'request' }>): Promise<void> {
  const { replica: place, estimate, how, percent, milliseconds } = asked;
  const proxy = replicas[place];
  if (proxy === undefined) throw new Error('no replica runs');
  const wasRevoked = of.isRevoked;
  const requestId = randomUUID();
  const names = { requestId, grantId: of.id, accountId };
  const kind = { tokens: 1, isStream: percent % 2 === 0, upstream: 'u', model: 'm', operation: 'o' };
  sent += 1;
  const admission = await proxy.admit({ ...names, ...kind, estimate, floor: estimate / 4n }).catch(() => undefined);
  if (!proxy.isAlive || admission?.verdict !== 'admitted') return;
  if (how === 'released') return proxy.settle({ ...names, settlement: how, cost: 0n });
  expect(wasRevoked).toBe(false);
  const bill = how === 'unbilled' ? 0n : (admission.reserved * BigInt(percent)) / 100n;
  of.forwarded += 1;
  of.billed += bill;
  bills.set(requestId, bill);
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
  proxy.settle({ ...names, settlement: how, cost: how === 'estimated' ? undefined : bill });
}

async function perform(of: Granted, doing: Act): Promise<void> {
  switch (doing.kind) {
    case 'request':
      return send(of, doing);
    case 'limits': {
      const limits = { ...noLimits, maxRequests: doing.maxRequests, maxCost: doing.maxCost };
      await updateGrantLimits(test.db, { grantId: of.id, accountId, limits, expiresAt, mayRaise: true });
      return;
    }
    case 'revoke':
      await revokeGrant(test.db, { grantId: of.id, accountId, reason: 'owner', revokedBy: accountId });
      of.isRevoked = true;
      return;
    case 'crash': {
      const dying = replicas[doing.replica];
      if (dying?.isAlive !== true) return;
      burials.push(await dying.die(test.db));
      replicas[doing.replica] = await MortalReplica.start(test.url, operatorKeys);
      return;
    }
    case 'sweep':
      await settleDeadReplicas(test.db);
      return;
  }
}

async function readLimits(of: Granted): Promise<Pick<Granted, 'maxRequests' | 'maxCost'>> {
  const limits = (await findGrantStatus(test.db, of.id))?.limits;
  return { maxRequests: limits?.maxRequests ?? 0, maxCost: limits?.maxCost ?? 0n };
}

async function play(
  sequence: readonly (readonly Act[])[],
  limits: Pick<Granted, 'maxRequests' | 'maxCost'>,
  cap: bigint,
) {
  operatorKeys.maxCostPerMonth = (await readOperatorSpending()) + cap;
  const grants = [await addGrant(limits), await addGrant(limits)];
  const choose = (place: number) => {
    const chosen = grants[place];
    if (chosen === undefined) throw new Error('there is no such grant');
    return chosen;
  };
  for (const moment of sequence) {
    const before = grants.map(({ forwarded, billed }) => ({ forwarded, billed }));
    for (const doing of moment) {
      if (doing.kind !== 'limits') continue;
      const of = choose(doing.grant);
      of.maxRequests = Math.max(of.maxRequests, doing.maxRequests);
      if (doing.maxCost > of.maxCost) of.maxCost = doing.maxCost;
    }
    await Promise.all(moment.map((doing) => perform(choose(doing.grant), doing)));
    for (const [place, of] of grants.entries()) {
      // `forwarded` and `billed` only grow: if they are within the limits now, they were at every instant before
      const had = before[place];
      if (of.forwarded > (had?.forwarded ?? 0)) expect(of.forwarded).toBeLessThanOrEqual(of.maxRequests);
      if (of.billed > (had?.billed ?? 0n)) expect(of.billed).toBeLessThanOrEqual(of.maxCost);
      Object.assign(of, await readLimits(of));
    }
  }
  for (const of of grants) await requireQuiet(of);
  expect(await readOperatorSpending()).toBeLessThanOrEqual(operatorKeys.maxCostPerMonth);
}

/** Requires, after all requests have ended, that nothing is reserved and that the usage is no less than the bill. */
async function requireQuiet(of: Granted): Promise<void> {
  for (const one of replicas) expect(await one.drain()).toBe(0);
  const readUsage = async () => (await findGrantStatus(test.db, of.id))?.usage;
  const living = replicas.map(({ id }) => id);
  await waitUntil(async () => {
    // a lease that a replica renewed just before its death would otherwise last for another 30 seconds
    await sql`update replicas set lease_until = now() where id <> all (${living})`.execute(test.db);
    await settleDeadReplicas(test.db);
    return (await readUsage())?.reserved === 0n;
  }, 'nothing is reserved any more');
  const usage = await readUsage();
  expect(usage).toMatchObject({ reserved: 0n, openStreams: 0 });
  expect(usage?.requests).toBeGreaterThanOrEqual(of.forwarded);
  expect(usage?.spent).toBeGreaterThanOrEqual(of.billed);
}

it('keeps limits, budgets and revocations under parallel acts on two replicas with crashes', async () => {
  const run = await fc.check(
    fc.asyncProperty(moments, fc.record({ maxRequests, maxCost }), fc.bigInt({ min: 500n, max: 5_000n }), play),
    // no shrinking: parallel acts run in another order each time
    { numRuns: scale(200, 2_000), seed, endOnFailure: true },
  );
  const message = fc.defaultReportMessage(run);
  reportResult({
    row: 'properties',
    fault: 'requests, changed limits, revocations, crashes and sweeps, all at once',
    faults: run.numRuns,
    requests: sent,
    violations: message === undefined ? [] : [message],
  });
  expect(message).toBeUndefined();

  expect([await verifyLedger(test.db), await verifyOperatorSpending(test.db), await verifyUsage(test.db)]).toEqual([
    [],
    [],
    [],
  ]);
  // The cost includes the correction of a request whose replica was declared dead before the request was settled.
  const { rows } = await sql<{ request_id: string; cost: bigint; counted: boolean }>`
    select l.request_id, l.cost + coalesce(c.cost, 0) as cost, l.counted and c.settlement is distinct from 'withdrawn' as counted
    from ledger l left join ledger c on c.corrects = l.request_id where l.corrects is null`.execute(test.db);
  expect(new Set(rows.map((row) => row.request_id)).size).toBe(rows.length);
  const billed = rows.filter((row) => bills.has(row.request_id));
  expect(billed).toHaveLength(bills.size);
  expect(billed.filter((row) => !row.counted || row.cost < (bills.get(row.request_id) ?? 0n))).toEqual([]);
}, 900_000);
