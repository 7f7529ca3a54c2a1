import { randomUUID } from 'node:crypto';
import { noLimits } from '@aipassport/policy';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { revokeGrant, updateGrantLimits } from '../src/authorization/index.js';
import { type Database, openDatabase, verifyLedger } from '../src/index.js';
import {
  type Admission,
  admitRequests,
  endLease,
  findGrantStatus,
  insertReplica,
  LeaseLostError,
  settleDeadReplicas,
  settleRequests,
} from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount, addClient, addGrant } from './fixtures.js';

/** What a grant must be after a sequence of acts: the rules of design section 4 in their simplest form. */
interface Model {
  maxRequests: number | undefined;
  maxCost: bigint | undefined;
  revoked: boolean;
  requests: number;
  spent: bigint;
  /** Admitted and not settled, by request. */
  readonly open: Map<string, { readonly reserved: bigint; readonly replica: number }>;
}

interface Real {
  readonly db: Database;
  readonly replicas: readonly Database[];
  readonly names: string[];
  readonly grantId: string;
  readonly accountId: string;
}

type Act = fc.AsyncCommand<Model, Real>;

const held = (model: Model) => [...model.open.values()].reduce((sum, { reserved }) => sum + reserved, 0n);

const always = () => true;

function predict(model: Model, requestId: string, { replica, estimate, floor }: RequestAct): unknown {
  if (model.revoked) return 'revoked';
  if (model.requests >= (model.maxRequests ?? Number.POSITIVE_INFINITY)) return 'request_limit_reached';
  const available = model.maxCost === undefined ? estimate : model.maxCost - model.spent - held(model);
  const reserved = available < estimate ? available : estimate;
  if (reserved < floor) return 'budget_exhausted';
  model.requests += 1;
  model.open.set(requestId, { reserved, replica });
  return reserved;
}

interface RequestAct {
  readonly replica: number;
  readonly count: number;
  readonly estimate: bigint;
  readonly floor: bigint;
}

const request = (act: RequestAct): Act => ({
  check: always,
  run: async (model, { db, replicas, names, grantId, accountId }) => {
    const { replica, estimate, floor } = act;
    const common = {
      grantId,
      accountId,
      estimate,
      floor,
      tokens: 1,
      isStream: true,
      upstream: 'u',
      model: 'm',
      operation: 'o',
    };
    const requests = Array.from({ length: act.count }, () => ({ requestId: randomUUID(), ...common }));
    const batch = { replicaId: names[replica] ?? '', catalogueVersion: 'test', requests };
    const admissions = await admitRequests(replicas[replica] ?? db, batch);
    requests.forEach(({ requestId }, index) =>
      expect(brief(admissions[index])).toEqual(predict(model, requestId, act)),
    );
  },
  toString: () => `request(${act.count} of ${act.estimate}, at least ${act.floor}, at replica ${act.replica})`,
});

const brief = (admission: Admission | undefined) =>
  admission?.verdict === 'admitted' ? admission.reserved : admission?.verdict;

interface SettleAct {
  readonly percent: number;
  readonly how: 'reported' | 'estimated' | 'unbilled' | 'released';
  readonly times: number;
}

const settle = ({ percent, how, times }: SettleAct): Act => ({
  check: (model) => model.open.size > 0,
  run: async (model, { db, replicas, grantId, accountId }) => {
    const [entry] = model.open;
    if (entry === undefined) return;
    const [requestId, { reserved }] = entry;
    const cost = how === 'estimated' ? undefined : (reserved * BigInt(percent)) / 100n;
    const settlement = { requestId, grantId, accountId, settlement: how, cost };
    await Promise.all(Array.from({ length: times }, (_, n) => settleRequests(replicas[n % 2] ?? db, [settlement])));
    model.open.delete(requestId);
    if (how === 'released') model.requests -= 1;
    else if (how !== 'unbilled') model.spent += cost ?? reserved;
  },
  toString: () => `settle(${how} at ${percent} %, sent ${times} times)`,
});

const crash = (replica: number): Act => ({
  check: always,
  run: async (model, { db, replicas, names }) => {
    const replicaId = names[replica] ?? '';
    await endLease(db, replicaId);
    await expect(admitRequests(db, { replicaId, catalogueVersion: 'test', requests: [] })).rejects.toThrow(
      LeaseLostError,
    );
    await Promise.all(replicas.map((other) => settleDeadReplicas(other)));
    for (const [requestId, open] of model.open) {
      if (open.replica !== replica) continue;
      model.open.delete(requestId);
      model.spent += open.reserved;
    }
    names[replica] = randomUUID();
    await insertReplica(db, { replicaId: names[replica] ?? '', leaseSeconds: 3_600 });
  },
  toString: () => `crash and restart replica ${replica}`,
});

const changeLimits = (maxRequests: number | undefined, maxCost: bigint | undefined): Act => ({
  check: (model) => !model.revoked,
  run: async (model, { db, grantId, accountId }) => {
    const limits = { ...noLimits, maxRequests, maxCost };
    const expiresAt = new Date(Date.now() + 3_600_000);
    expect(await updateGrantLimits(db, { grantId, accountId, limits, expiresAt, mayRaise: true })).toBe(true);
    model.maxRequests = maxRequests;
    model.maxCost = maxCost;
  },
  toString: () => `limits(${maxRequests} requests, ${maxCost} nano-dollars)`,
});

const revoke: Act = {
  check: always,
  run: async (model, { db, grantId, accountId }) => {
    expect(await revokeGrant(db, { grantId, accountId, reason: 'owner', revokedBy: accountId })).toBe(!model.revoked);
    model.revoked = true;
  },
  toString: () => 'revoke',
};

const replica = fc.integer({ min: 0, max: 1 });
const maxRequests = fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined });
const maxCost = fc.option(fc.bigInt({ min: 1n, max: 1_000n }), { nil: undefined });
const amount = fc.bigInt({ min: 0n, max: 300n });
const acts = fc.commands(
  [
    fc
      .record({ replica, count: fc.integer({ min: 1, max: 6 }), estimate: amount, floor: amount })
      .map((act) => request({ ...act, floor: act.floor < act.estimate ? act.floor : act.estimate })),
    fc
      .record({
        percent: fc.integer({ min: 0, max: 100 }),
        how: fc.constantFrom('reported', 'reported', 'estimated', 'unbilled', 'released'),
        times: fc.integer({ min: 1, max: 3 }),
      })
      .map(settle),
    replica.map(crash),
    fc.tuple(maxRequests, maxCost).map(([requests, cost]) => changeLimits(requests, cost)),
    fc.constant(revoke),
  ],
  { maxCommands: 25 },
);

let test: TestDatabase;
let replicas: readonly Database[];
let accountId: string;
let clientId: string;
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

it('agrees with the model in every sequence of acts, and with its own ledger in the end', async () => {
  await fc.assert(
    fc.asyncProperty(acts, maxRequests, maxCost, async (commands, requests, cost) => {
      const grantId = await addGrant(test.db, {
        accountId,
        clientId,
        limits: { maxRequests: requests, maxCost: cost },
      });
      const names = [randomUUID(), randomUUID()];
      for (const replicaId of names) await insertReplica(test.db, { replicaId, leaseSeconds: 3_600 });
      const model: Model = {
        maxRequests: requests,
        maxCost: cost,
        revoked: false,
        requests: 0,
        spent: 0n,
        open: new Map(),
      };
      await fc.asyncModelRun(() => ({ model, real: { db: test.db, replicas, names, grantId, accountId } }), commands);
      const usage = (await findGrantStatus(test.db, grantId))?.usage;
      expect(usage).toMatchObject({
        requests: model.requests,
        spent: model.spent,
        held: held(model),
        openStreams: model.open.size,
      });
      for (const replicaId of names) await endLease(test.db, replicaId);
    }),
    { numRuns: 1_500 },
  );
  await settleDeadReplicas(test.db);
  expect(await verifyLedger(test.db)).toEqual([]);
  const unsettled = await test.db
    .selectFrom('grants')
    .select(['held', 'open_streams'])
    .where((where) => where.or([where('held', '>', 0n), where('open_streams', '>', 0)]))
    .execute();
  expect(unsettled).toEqual([]);
}, 300_000);
