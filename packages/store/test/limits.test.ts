import { randomUUID } from 'node:crypto';
import { buildLimits, limitKinds, limitTable, mapLimitKinds, noLimits } from '@aipassport/policy';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { delegateGrant, exportAccount, findGrant, updateGrantLimits } from '../src/authorization/index.js';
import { admitRequests, findGrantStatus, insertReplica } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount, addGrant } from './fixtures.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  await insertReplica(test.db, { replicaId: 'one', leaseSeconds: 3_600 });
});
afterAll(() => test.close());

/** Admits two streamed requests at the same moment. Together they exceed the smallest value of every limit. */
function admitTwo(first: string, second = first) {
  const requests = [first, second].map((grantId) => ({
    requestId: randomUUID(),
    grantId,
    accountId: 'of-nobody',
    estimate: 1_000n,
    floor: 1_000n,
    tokens: 1_000,
    isStream: true,
    upstream: 'openai',
    model: 'gpt-4o',
    operation: 'openai.chat/completions',
  }));
  return admitRequests(test.db, { replicaId: 'one', catalogueVersion: 'test', requests });
}

/** The reasons why requests were refused. */
function listRefusals(admissions: Awaited<ReturnType<typeof admitTwo>>): readonly string[] {
  return [...new Set(admissions.map(({ verdict }) => verdict).filter((verdict) => verdict !== 'admitted'))];
}

/** Adds a grant without limits of its own below another grant. */
async function addBelow(parentId: string): Promise<string> {
  const terms = { tokens: [], limits: noLimits, reason: undefined, expiresAt: new Date(Date.now() + 3_600_000) };
  const made = await test.db.transaction().execute((transaction) => delegateGrant(transaction, { parentId, ...terms }));
  if (made.kind !== 'made') throw new Error(made.kind);
  return made.grant.id;
}

/** The smallest value of each limit: one request, stream or token, or one nano-US-dollar. */
const least = buildLimits({ count: () => 1, usd: () => 1n });
const most = buildLimits({ count: (kind) => limitTable[kind].max, usd: (kind) => limitTable[kind].max });

it('admits both requests of a grant without a limit', async () => {
  const verdicts = (await admitTwo(await addGrant(test.db))).map(({ verdict }) => verdict);
  expect(verdicts).toEqual(['admitted', 'admitted']);
});

describe.each(limitKinds)('%s', (kind) => {
  const { denial, remainder } = limitTable[kind];

  it('is stored, and both servers read it back', async () => {
    const limits = { ...noLimits, [kind]: most[kind] };
    const grantId = await addGrant(test.db, { limits });
    expect((await findGrant(test.db, grantId))?.limits).toEqual(limits);
    expect((await findGrantStatus(test.db, grantId))?.limits).toEqual(limits);
  });

  it('is in the data that its owner can export', async () => {
    const accountId = await addAccount(test.db);
    await addGrant(test.db, { accountId, limits: { [kind]: most[kind] } });
    const access = exportAccount(test.db, accountId).find(({ name }) => name === 'access');
    const name = limitTable[kind].member.replace('_usd', '_nano_usd');
    for await (const row of access?.rows ?? []) expect(row).toMatchObject({ [name]: most[kind] });
    expect.assertions(1);
  });

  it('can be lowered without a recent sign-in, but neither raised nor lifted', async () => {
    const accountId = await addAccount(test.db);
    const higher = { count: 7, usd: 7n }[limitTable[kind].unit];
    const grantId = await addGrant(test.db, { accountId, limits: { [kind]: higher } });
    const expiresAt = (await findGrant(test.db, grantId))?.expiresAt ?? new Date(0);
    const change = (value: number | bigint | undefined, mayRaise = false) =>
      updateGrantLimits(test.db, { grantId, accountId, limits: { ...noLimits, [kind]: value }, expiresAt, mayRaise });
    expect(await change(most[kind])).toBe(false);
    expect(await change(undefined)).toBe(false);
    expect((await findGrant(test.db, grantId))?.limits[kind]).toBe(higher);
    expect(await change(least[kind])).toBe(true);
    expect((await findGrant(test.db, grantId))?.limits[kind]).toBe(least[kind]);
    expect(await change(undefined, true)).toBe(true);
    expect((await findGrant(test.db, grantId))?.limits).toEqual(noLimits);
  });

  it(`is enforced: a request over it is refused as ${denial}`, async () => {
    const grantId = await addGrant(test.db, { limits: { [kind]: least[kind] } });
    expect(listRefusals(await admitTwo(grantId))).toEqual([denial]);
  });

  it('is enforced for the grants below its grant: their requests together cannot exceed it', async () => {
    const parentId = await addGrant(test.db, { limits: { [kind]: least[kind] } });
    const admissions = await admitTwo(await addBelow(parentId), await addBelow(parentId));
    expect(listRefusals(admissions)).toEqual([denial]);
  });

  it('each admission reports what is left of this limit, if answers show it, and reports nothing about other limits', async () => {
    const [admission] = await admitTwo(await addGrant(test.db, { limits: { [kind]: most[kind] } }));
    if (admission?.verdict !== 'admitted') throw new Error('it was not admitted');
    const headers = Object.entries(admission.left).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    expect(headers).toEqual(remainder === undefined ? [] : [remainder]);
  });
});

it('each kind of limit has its own column and its own denial', () => {
  const columns = Object.values(mapLimitKinds((kind) => limitTable[kind].column));
  const denials = Object.values(mapLimitKinds((kind) => limitTable[kind].denial));
  expect(new Set(columns).size).toBe(limitKinds.length);
  expect(new Set(denials).size).toBe(limitKinds.length);
});
