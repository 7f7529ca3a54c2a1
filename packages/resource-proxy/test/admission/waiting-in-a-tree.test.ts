import { randomUUID } from 'node:crypto';
import { MetricsPage } from '@aipassport/contracts';
import { noLimits, parseGrantedScope } from '@aipassport/policy';
import { openDatabase } from '@aipassport/store';
import { delegateGrant, insertAccount, insertGrant, upsertClient } from '@aipassport/store/authorization';
import type { Admission } from '@aipassport/store/proxying';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Accounting, openAccounting } from '../../src/admission/open-accounting.js';
import { createLog, defaultLimits } from '../../src/index.js';
import { proxyMetrics } from '../../src/metrics/proxy-metrics.js';

const budget = 1_000n;
let database: TestDatabase;
let accounting: Accounting;
let close: () => Promise<void>;
let accountId: string;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  const db = openDatabase({ url: database.urls.proxy, applicationName: 'test', maxConnections: 3 });
  // A waiting request asks again only when it is woken: the first poll would come after the end of the test.
  const limits = { ...defaultLimits, maxBudgetWaitMilliseconds: 6_000_000, budgetPollMilliseconds: 3_000_000 };
  const operatorCaps = { ofAll: undefined, ofAccount: undefined };
  const configuration = {
    leaseSeconds: 30,
    priceOverrides: undefined,
    operatorKeys: {},
    operatorKeyFiles: [],
    settings: [],
    operatorCaps,
    limits,
  };
  const { instruments: metrics } = new MetricsPage(proxyMetrics);
  const runtime = { log: createLog('fatal', { write: () => undefined }), now: Date.now, metrics };
  accounting = await openAccounting(db, configuration, runtime);
  close = async () => {
    await accounting.close();
    await db.destroy();
  };
  const account = await insertAccount(database.db, { email: 'owner@example.org', passwordHash: 'x' });
  accountId = account?.id ?? '';
  const client = { id: 'client', name: 'Client', metadata: {}, secretHash: undefined, webOrigins: [] };
  await upsertClient(database.db, { ...client, registeredBy: 'operator' });
});
afterAll(async () => {
  await close();
  await database.close();
});

const inAnHour = () => new Date(Date.now() + 3_600_000);

/** A grant with a budget, and two grants below it without limits of their own. */
async function growTree(): Promise<{ readonly parent: string; readonly children: readonly [string, string] }> {
  const id = randomUUID();
  const grant = { tokens: parseGrantedScope('model:gpt-4o cap:chat'), reason: undefined, expiresAt: inAnHour() };
  const limits = { ...noLimits, maxCost: budget };
  await insertGrant(database.db, { ...grant, id, accountId, clientId: 'client', limits });
  const delegate = () =>
    database.db.transaction().execute(async (transaction) => {
      const made = await delegateGrant(transaction, { ...grant, parentId: id, limits: noLimits });
      if (made.kind !== 'made') throw new Error(made.kind);
      return made.grant.id;
    });
  return { parent: id, children: [await delegate(), await delegate()] };
}

interface Sent {
  readonly settle: (cost: bigint) => void;
  readonly verdict: Promise<Admission>;
  readonly waits: Promise<void>;
}

/** Asks for the whole budget. */
function ask(grantId: string): Sent {
  const requestId = randomUUID();
  const costs = { estimate: budget, floor: budget, tokens: 1, isStream: false };
  const request = { requestId, grantId, accountId, ...costs, upstream: 'openai', model: 'gpt-4o', operation: 'chat' };
  let verdict: Promise<Admission> | undefined;
  const waits = new Promise<void>((resolve) => {
    // Called for the first time when the request has its place in the queue.
    const isWanted = () => {
      resolve();
      return true;
    };
    verdict = accounting.queue.admit(request, isWanted, async () => undefined);
  });
  if (verdict === undefined) throw new Error('the promise did not call its executor at once');
  const settle = (cost: bigint) =>
    accounting.settler.settle({ requestId, grantId, accountId, settlement: 'reported', cost });
  return { settle, verdict, waits };
}

it.each([
  ['a sibling of its grant', ({ children }) => children],
  ['the parent of its grant', ({ parent, children }) => [parent, children[0]]],
  ['a child of its grant', ({ parent, children }) => [children[0], parent]],
] satisfies [string, (tree: Awaited<ReturnType<typeof growTree>>) => readonly [string, string]][])(
  'a request that waits for the budget of its tree of grants is admitted when a request of %s is settled',
  async (_name, pick) => {
    const [holder, waiter] = pick(await growTree());
    const first = ask(holder);
    expect((await first.verdict).verdict).toBe('admitted');
    const second = ask(waiter);
    await second.waits;
    first.settle(0n);
    expect((await second.verdict).verdict).toBe('admitted');
    second.settle(0n);
  },
);
