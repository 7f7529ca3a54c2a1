import { randomUUID } from 'node:crypto';
import { formatScope, type Limits, noLimits } from '@aipassport/policy';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  changeGrant,
  type Delegated,
  delegateGrant,
  disableAccount,
  findAccountLimit,
  findArtifact,
  findGrant,
  listActiveGrants,
  listAncestors,
  maxLiveDelegations,
  revokeGrant,
  setAccountLimit,
  updateGrantLimits,
  updateTimeZone,
  upsertArtifact,
} from '../src/authorization/index.js';
import { type Database, openDatabase, verifyLedger } from '../src/index.js';
import {
  type Admission,
  admitRequests,
  findGrantStatus,
  findGrantStatusOnce,
  insertReplica,
  listEndedGrants,
  listenForRevocations,
  settleRequests,
} from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { addAccount, addClient, addGrant } from './fixtures.js';
import { waitUntil } from './wait-until.js';

let test: TestDatabase;
let replicas: readonly { readonly id: string; readonly db: Database }[];
let clientId: string;
beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  clientId = await addClient(test.db);
  replicas = ['one', 'two'].map((id) => ({
    id,
    db: openDatabase({ url: test.url, applicationName: 'test', maxConnections: 10 }),
  }));
  for (const { id } of replicas) await insertReplica(test.db, { replicaId: id, leaseSeconds: 3_600 });
});
beforeEach(waitPastMidnight);
afterAll(async () => {
  expect(await verifyLedger(test.db)).toEqual([]);
  await Promise.all(replicas.map(({ db }) => db.destroy()));
  await test.close();
});

const inAnHour = () => new Date(Date.now() + 3_600_000);

async function attemptDelegation(parentId: string, limits: Partial<Limits> = {}, db = test.db): Promise<Delegated> {
  const own = { ...noLimits, ...limits };
  return db
    .transaction()
    .execute((transaction) =>
      delegateGrant(transaction, { parentId, tokens: [], limits: own, reason: undefined, expiresAt: inAnHour() }),
    );
}

async function delegate(parentId: string, limits: Partial<Limits> = {}): Promise<string> {
  const made = await attemptDelegation(parentId, limits);
  if (made.kind !== 'made') throw new Error(made.kind);
  return made.grant.id;
}

interface Asked {
  readonly estimate?: bigint;
  readonly floor?: bigint;
  readonly tokens?: number;
  readonly isStream?: boolean;
  readonly accountId?: string;
}

interface Sent {
  readonly requestId: string;
  readonly grantId: string;
  readonly accountId: string;
  readonly admission: Admission;
}

async function admit(grantIds: readonly string[], asked: Asked = {}, replica = 0): Promise<readonly Sent[]> {
  const { id: replicaId = '', db = test.db } = replicas[replica] ?? {};
  const { estimate = 100n, floor = estimate, tokens = 1, isStream = false, accountId = 'of-nobody' } = asked;
  const kind = { upstream: 'openai', model: 'm', operation: 'o' };
  const requests = grantIds.map((grantId) => ({
    requestId: randomUUID(),
    grantId,
    accountId,
    estimate,
    floor,
    tokens,
    isStream,
    ...kind,
  }));
  const admissions = await admitRequests(db, { replicaId, catalogueVersion: 'test', requests });
  return requests.flatMap((request, index) => {
    const admission = admissions[index];
    return admission === undefined ? [] : { ...request, admission };
  });
}

const verdictsOf = (sent: readonly Sent[]) => sent.map(({ admission }) => admission.verdict);
const reservedOf = ({ admission }: Sent) => (admission.verdict === 'admitted' ? admission.reserved : 0n);

async function settle(sent: readonly Sent[], cost: bigint, replica = 0): Promise<void> {
  const { db = test.db } = replicas[replica] ?? {};
  const admitted = sent.filter(({ admission }) => admission.verdict === 'admitted');
  const settlements = admitted.map(({ requestId, grantId, accountId }) => ({ requestId, grantId, accountId }));
  await settleRequests(
    db,
    settlements.map((one) => ({ ...one, settlement: 'reported', cost, inputTokens: 1, outputTokens: 0 })),
  );
}

/** A grant with a chain of `depth` grants below it, from the top. */
async function addChain(depth: number, limits: Partial<Limits> = {}): Promise<readonly string[]> {
  const chain = [await addGrant(test.db, { clientId, limits })];
  for (let level = 0; level < depth; level += 1) chain.push(await delegate(chain[level] ?? ''));
  return chain;
}

describe('a grant that was made from another one', () => {
  it('is of the same owner and client, has at most the parent’s limits and end, and is not listed among the grants that the owner made', async () => {
    const accountId = await addAccount(test.db);
    const parentId = await addGrant(test.db, { accountId, clientId, limits: { maxRequests: 5 }, lifetimeSeconds: 60 });
    const childId = await delegate(parentId, { maxRequests: 7, maxCost: 9n });
    const [parent, child] = [await findGrant(test.db, parentId), await findGrant(test.db, childId)];
    expect(child).toMatchObject({ accountId, clientId, expiresAt: parent?.expiresAt });
    expect(child?.limits).toEqual({ ...noLimits, maxRequests: 5, maxCost: 9n });
    expect((await listActiveGrants(test.db, { accountId, clientId })).map(({ id }) => id)).toEqual([parentId]);
  });

  it('is at most four levels below the owner’s grant', async () => {
    const chain = await addChain(4);
    expect(await attemptDelegation(chain[4] ?? '')).toEqual({ kind: 'too_deep' });
  });

  it('has at most five grants above it that are looked up, even if a client sends an identifier with thousands of dots', async () => {
    expect(listAncestors('a.b.c')).toEqual(['a', 'a.b']);
    expect(listAncestors(`a${'.b'.repeat(20_000)}`)).toEqual(['a', 'a.b', 'a.b.b', 'a.b.b.b', 'a.b.b.b.b']);
  });

  it('is one of at most a hundred live ones below the owner’s grant, however many are made at once', async () => {
    const parentId = await addGrant(test.db, { clientId });
    const made: Awaited<ReturnType<typeof attemptDelegation>>[] = [];
    // twenty at once, because each waits for a connection
    while (made.length < maxLiveDelegations + 20) {
      const round = Array.from({ length: 20 }, (_, n) => attemptDelegation(parentId, {}, replicas[n % 2]?.db));
      made.push(...(await Promise.all(round)));
    }
    expect(made.filter(({ kind }) => kind === 'made')).toHaveLength(maxLiveDelegations);
    expect(made.filter(({ kind }) => kind === 'too_many')).toHaveLength(20);
    const [first] = made;
    const childId = first?.kind === 'made' ? first.grant.id : '';
    expect(await attemptDelegation(childId)).toEqual({ kind: 'too_many' });
    await revokeGrant(test.db, { grantId: childId, reason: 'owner', revokedBy: 'owner' });
    expect(await attemptDelegation(parentId)).toMatchObject({ kind: 'made' });
  }, 60_000);
});

describe('money and requests', () => {
  it('of a chain are counted for each grant in it, and once for the account and in the ledger', async () => {
    const accountId = await addAccount(test.db);
    await setAccountLimit(test.db, { accountId, maxCostPerMonth: 1_000n, mayRaise: true });
    const top = await addGrant(test.db, { accountId, clientId });
    const chain = [top, await delegate(top)];
    chain.push(await delegate(chain[1] ?? ''));
    const sent = await admit([chain[2] ?? '', chain[1] ?? '', top], { accountId });
    expect((await findAccountLimit(test.db, accountId))?.monthCost).toBe(300n);
    await settle(sent, 40n);
    const used = await Promise.all(chain.map(async (id) => (await findGrant(test.db, id))?.usage));
    expect(used.map((usage) => [usage?.requests, usage?.spent, usage?.reserved])).toEqual([
      [3, 120n, 0n],
      [2, 80n, 0n],
      [1, 40n, 0n],
    ]);
    expect((await findAccountLimit(test.db, accountId))?.monthCost).toBe(120n);
    const { rows } = await sql`select from ledger where grant_id = any (${chain})`.execute(test.db);
    expect(rows).toHaveLength(3);
    // A new limit of the account begins with the sum that the account has already spent in this month.
    await setAccountLimit(test.db, { accountId, maxCostPerMonth: undefined, mayRaise: true });
    await setAccountLimit(test.db, { accountId, maxCostPerMonth: 500n, mayRaise: true });
    expect((await findAccountLimit(test.db, accountId))?.monthCost).toBe(120n);
  });

  it('never exceed a budget by a nano-dollar when a grant and three grants below it use it up at once', async () => {
    const budget = 10_007n;
    const top = await addGrant(test.db, { clientId, limits: { maxCost: budget, maxRequests: 300 } });
    const child = await delegate(top, { maxCost: 5_000n });
    const spenders = [top, child, await delegate(top), await delegate(child)];
    const use = async (replica: number, round: number) => {
      const sent = await admit(
        spenders.map((_, n) => spenders[(n + round) % 4] ?? ''),
        { estimate: 97n, floor: 1n },
        replica,
      );
      const { rows } = await sql<{ id: string; used: bigint }>`
        select id, spent + held as used from grants where id in (${top}, ${child})`.execute(test.db);
      for (const { id, used } of rows) expect(used).toBeLessThanOrEqual(id === top ? budget : 5_000n);
      // Near the end of the budget a request reserves less than others of its batch. It costs no more than it reserved.
      await Promise.all(sent.map((one) => settle([one], reservedOf(one) < 89n ? reservedOf(one) : 89n, replica)));
      return sent;
    };
    const sent = (await Promise.all(Array.from({ length: 80 }, (_, round) => use(round % 2, round)))).flat();
    expect(sent.filter(({ admission }) => admission.verdict === 'admitted').length).toBeLessThanOrEqual(300);
    const usage = (await findGrant(test.db, top))?.usage;
    expect(usage?.reserved).toBe(0n);
    expect(usage?.spent).toBeLessThanOrEqual(budget);
    // Use up the rest of the budget. Each request costs exactly what it reserved.
    for (;;) {
      const more = await admit(spenders, { estimate: 2_000n, floor: 1n });
      await Promise.all(more.map((one) => settle([one], reservedOf(one))));
      if (more.every(({ admission }) => admission.verdict !== 'admitted')) break;
    }
    const last = (await findGrant(test.db, top))?.usage;
    expect([last?.spent === budget || last?.requests === 300, last?.reserved]).toEqual([true, 0n]);
  }, 60_000);

  it('of a grant are limited by a lowered limit of its parent from its next request on', async () => {
    const [top = '', child = ''] = await addChain(1, { maxCost: 1_000n });
    expect(verdictsOf(await admit([child], { estimate: 400n }))).toEqual(['admitted']);
    const grant = await findGrant(test.db, top);
    const update = { grantId: top, accountId: grant?.accountId ?? '', expiresAt: grant?.expiresAt ?? new Date() };
    const lowered = { ...noLimits, maxCost: 500n };
    expect(await updateGrantLimits(test.db, { ...update, limits: lowered, mayRaise: false })).toBe(true);
    expect(verdictsOf(await admit([child], { estimate: 200n }))).toEqual(['budget_exhausted']);
    expect(verdictsOf(await admit([child], { estimate: 100n }))).toEqual(['admitted']);
  });
});

it('the scope that is read at each request does not have tokens that a grant above has lost', async () => {
  const [top = '', child = ''] = await addChain(1);
  await sql`update grants set scope = 'model:gpt-4o model:o3 cap:chat' where id = ${child}`.execute(test.db);
  await sql`update grants set scope = 'model:openai/* cap:chat' where id = ${top}`.execute(test.db);
  const scopeOf = async () => {
    const [sent] = await admit([child]);
    const proof = { proofHash: randomUUID(), requestId: randomUUID() };
    return [
      sent?.admission.verdict === 'admitted' ? sent.admission.tokens : [],
      (await findGrantStatus(test.db, child))?.tokens ?? [],
      (await findGrantStatusOnce(test.db, child, proof))?.tokens ?? [],
      (await findGrant(test.db, child))?.tokens ?? [],
    ].map(formatScope);
  };
  expect(new Set(await scopeOf())).toEqual(new Set(['model:gpt-4o model:o3 cap:chat']));
  await sql`update grants set scope = 'model:gpt-4o cap:chat' where id = ${top}`.execute(test.db);
  expect(await scopeOf()).toEqual(Array(4).fill('model:gpt-4o cap:chat'));
});

describe('rates and streams of the parent', () => {
  it('are shared by all grants below it, whether requests are counted one by one or with a bucket', async () => {
    for (const [maxRequestsPerMinute, burst] of [
      [4, 4],
      [700, 70],
    ] as const) {
      const [top = '', child = '', grandchild = ''] = await addChain(2, { maxRequestsPerMinute });
      // One statement, so that no time passes between the requests.
      const sent = await admit(
        [top, child, grandchild].flatMap((id) => Array.from({ length: burst / 2 + 1 }, () => id)),
      );
      const refused = sent.flatMap(({ admission }) => (admission.verdict === 'admitted' ? [] : [admission]));
      expect(sent.length - refused.length).toBe(burst);
      for (const admission of refused) {
        if (admission.verdict !== 'rate_limited') throw new Error(admission.verdict);
        expect(admission.retryAfterSeconds).toBeLessThanOrEqual(maxRequestsPerMinute === 4 ? 60 : 1);
      }
      expect(new Set(verdictsOf(sent).slice(-burst / 2))).toEqual(new Set(['rate_limited']));
    }
  });

  it('get unused tokens back from the grants below it, and a request above the limit needs the tokens of a whole minute', async () => {
    // one token comes back in six seconds, so the bucket stays as the settlement leaves it
    const [, child = ''] = await addChain(1, { maxTokensPerMinute: 10 });
    const sent = await admit([child, child], { tokens: 9 });
    expect(verdictsOf(sent)).toEqual(['admitted', 'token_rate_limited']);
    expect(sent[1]?.admission).toMatchObject({ mayFitLater: true });
    await settle(sent, 1n);
    expect(verdictsOf(await admit([child], { tokens: 20 }))).toEqual(['token_rate_limited']);
    expect(verdictsOf(await admit([child], { tokens: 9 }))).toEqual(['admitted']);
  });

  it('allow another stream as soon as a stream of a grant below it has ended', async () => {
    const [top = '', child = ''] = await addChain(1, { maxStreams: 2 });
    const sent = await admit([child, top, child], { isStream: true });
    expect(verdictsOf(sent)).toEqual(['admitted', 'admitted', 'too_many_streams']);
    await settle(sent, 1n);
    expect(verdictsOf(await admit([child], { isStream: true }))).toEqual(['admitted']);
  });
});

describe('the end of a grant', () => {
  it('ends all grants below it, each with a notification, a row in the register, and an audit row; their tokens are removed', async () => {
    const [top = '', child = '', grandchild = ''] = await addChain(2);
    const beside = await delegate(top);
    await upsertArtifact(test.db, {
      model: 'AccessToken',
      idHash: grandchild,
      payload: {},
      grantId: grandchild,
      uid: undefined,
      expiresInSeconds: 60,
    });
    const heard: string[] = [];
    const listening = Promise.withResolvers<void>();
    const listener = listenForRevocations({
      db: test.db,
      url: test.url,
      applicationName: 'test-listener',
      onRevoked: (grantId) => heard.push(grantId),
      onListening: () => listening.resolve(),
      onLost: () => undefined,
    });
    await listening.promise;
    expect(await revokeGrant(test.db, { grantId: child, reason: 'client', revokedBy: clientId })).toBe(true);
    await waitUntil(async () => heard.includes(grandchild));
    expect(heard.toSorted()).toEqual([child, grandchild]);
    expect(await findArtifact(test.db, { model: 'AccessToken', idHash: grandchild })).toBeUndefined();
    expect(await findGrant(test.db, grandchild)).toMatchObject({ state: 'revoked', revokedReason: 'parent' });
    expect(await listEndedGrants(test.db, [top, child, grandchild, beside])).toEqual([child, grandchild]);
    const { rows } = await sql`
      select detail from audit_events where grant_id = ${grandchild} and event = 'grant_revoked'`.execute(test.db);
    expect(rows).toEqual([{ detail: { reason: 'parent', by: clientId, parent: child } }]);
    expect(verdictsOf(await admit([grandchild, child, beside]))).toEqual(['revoked', 'revoked', 'admitted']);
    await revokeGrant(test.db, { grantId: top, reason: 'owner', revokedBy: 'owner' });
    await waitUntil(async () => heard.includes(beside));
    await listener.close();
  });

  it('comes when its account is disabled, also for all grants below it', async () => {
    const accountId = await addAccount(test.db);
    const top = await addGrant(test.db, { accountId, clientId });
    const child = await delegate(top);
    await disableAccount(test.db, accountId);
    expect(await listEndedGrants(test.db, [top, child])).toEqual([top, child]);
    const { rows } = await sql`select from revocations where grant_id = ${child}`.execute(test.db);
    expect(rows).toHaveLength(1);
  });

  it('also becomes earlier for all grants below it when it is moved to an earlier time', async () => {
    const [top = '', child = '', grandchild = ''] = await addChain(2);
    const { accountId = '', limits = noLimits } = (await findGrant(test.db, top)) ?? {};
    const expiresAt = new Date(Date.now() + 90_000);
    await updateGrantLimits(test.db, { grantId: top, accountId, limits, expiresAt, mayRaise: false });
    for (const id of [child, grandchild]) expect((await findGrant(test.db, id))?.expiresAt).toEqual(expiresAt);
    await updateGrantLimits(test.db, { grantId: top, accountId, limits, expiresAt: inAnHour(), mayRaise: true });
    expect((await findGrant(test.db, child))?.expiresAt).toEqual(expiresAt);
  });

  it('is never before the end of a grant below it, even if the owner or an update sets a later end for that grant', async () => {
    const [top = '', child = ''] = await addChain(1);
    const parent = await findGrant(test.db, top);
    const { accountId = '', limits = noLimits } = parent ?? {};
    const expiresAt = new Date(Date.now() + 7_200_000);
    await updateGrantLimits(test.db, { grantId: child, accountId, limits, expiresAt, mayRaise: true });
    const shown = await findGrant(test.db, child);
    if (shown === undefined) throw new Error('the grant was not found');
    expect(shown.expiresAt).toEqual(parent?.expiresAt);
    const terms = { tokens: shown.tokens, limits, expiresAt };
    expect(await changeGrant(test.db, { grant: shown, action: 'update', terms, reason: undefined })).toBe(true);
    expect((await findGrant(test.db, child))?.expiresAt).toEqual(parent?.expiresAt);
  });

  it('leaves no live grant below it, even if some are made at the same time', async () => {
    let made = 0;
    for (let round = 0; round < 40; round += 1) {
      const [top = '', child = ''] = await addChain(1);
      const delegations = [top, child, child].map((parentId) => attemptDelegation(parentId, {}, replicas[1]?.db));
      // In every other round, at least one grant is made before the revocation.
      if (round % 2 === 0) await delegations[0];
      await revokeGrant(replicas[0]?.db ?? test.db, { grantId: top, reason: 'owner', revokedBy: 'owner' });
      made += (await Promise.all(delegations)).filter(({ kind }) => kind === 'made').length;
      const { rows } = await sql`
        select g.id from delegated_grants d join grants g on g.id = d.grant_id
        where starts_with(d.grant_id, ${top}) and g.status = 'active'`.execute(test.db);
      expect(rows).toEqual([]);
    }
    expect(made).toBeGreaterThanOrEqual(20);
  }, 60_000);
});

it('requests, settlements, delegations, revocations and changes of one owner’s trees never deadlock', async () => {
  const accountId = await addAccount(test.db);
  await setAccountLimit(test.db, { accountId, maxCostPerMonth: 10n ** 12n, mayRaise: true });
  const tops = await Promise.all(Array.from({ length: 3 }, () => addGrant(test.db, { accountId, clientId })));
  const grants = [...tops];
  for (const top of tops) {
    const child = await delegate(top);
    grants.push(child, await delegate(child), await delegate(top));
  }
  const some = (n: number) => grants.filter((_, index) => (index * 7 + n) % 3 !== 0).toSorted(() => (n % 2) - 0.5);
  const work = Array.from({ length: 60 }, async (_, n) => {
    if (n % 10 === 3) await attemptDelegation(grants[n % grants.length] ?? '', {}, replicas[n % 2]?.db);
    else if (n % 10 === 5) await updateTimeZone(test.db, accountId, n % 20 === 5 ? 'Asia/Tokyo' : 'UTC');
    else if (n === 37) await revokeGrant(test.db, { grantId: grants[4] ?? '', reason: 'owner', revokedBy: accountId });
    else if (n === 47) await revokeGrant(test.db, { grantId: tops[1] ?? '', reason: 'owner', revokedBy: accountId });
    else await settle(await admit(some(n), { accountId }, n % 2), 7n, n % 2);
  });
  await Promise.all(work);
  expect(await verifyLedger(test.db)).toEqual([]);
}, 60_000);
