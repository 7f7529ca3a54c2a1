import { randomUUID } from 'node:crypto';
import { noLimits, parseGrantedScope } from '@aipassport/policy';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import {
  delegateGrant,
  findExistingAccess,
  findGrant,
  insertGrant,
  lockAccount,
  markRedeemed,
  type NewGrant,
  revokeReplacedGrants,
  upsertArtifact,
} from '../src/authorization/index.js';
import type { Database } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount, addClient, addGrant } from './fixtures.js';

let test: TestDatabase;
let accountId: string;
let clientId: string;
beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => test.close());
beforeEach(async () => {
  accountId = await addAccount(test.db);
  clientId = await addClient(test.db);
});

function createGrant(): NewGrant {
  const tokens = parseGrantedScope('model:gpt-4o cap:chat');
  const expiresAt = new Date(Date.now() + 3_600_000);
  return { id: randomUUID(), accountId, clientId, tokens, limits: noLimits, reason: undefined, expiresAt };
}

/** Makes a grant in place of the others, as a consent does. */
async function replace(transaction: Database): Promise<string> {
  await lockAccount(transaction, accountId);
  const grant = createGrant();
  await insertGrant(transaction, grant);
  await revokeReplacedGrants(transaction, grant);
  return grant.id;
}

async function listLive(): Promise<readonly string[]> {
  const rows = await test.db
    .selectFrom('grants')
    .select('id')
    .where('account_id', '=', accountId)
    .where('client_id', '=', clientId)
    .where('status', '=', 'active')
    .execute();
  return rows.map(({ id }) => id);
}

it('a replacement that is rolled back does not change the old grant', async () => {
  const old = await addGrant(test.db, { accountId, clientId });
  const failing = test.db.transaction().execute(async (transaction) => {
    await replace(transaction);
    throw new Error('the transaction fails');
  });
  await expect(failing).rejects.toThrow('the transaction fails');
  expect(await listLive()).toEqual([old]);
  expect(await test.db.selectFrom('revocations').select('grant_id').where('grant_id', '=', old).execute()).toEqual([]);
});

it('at every moment, other transactions see either the old grant or the new one', async () => {
  let expected = [await addGrant(test.db, { accountId, clientId })];
  for (let round = 0; round < 5; round += 1) {
    const seen: (readonly string[])[] = [];
    const made = await test.db.transaction().execute(async (transaction) => {
      const id = await replace(transaction);
      seen.push(await listLive());
      return id;
    });
    expect(seen).toEqual([expected]);
    expected = [made];
    expect(await listLive()).toEqual(expected);
  }
});

it('after many replacements at once, only one of the new grants is live', async () => {
  await addGrant(test.db, { accountId, clientId });
  const made = await Promise.all(Array.from({ length: 12 }, () => test.db.transaction().execute(replace)));
  const live = await listLive();
  expect(live).toHaveLength(1);
  expect(made).toContain(live[0]);
});

it('only the live grants that this owner made for this client are replaced, with the grants below them', async () => {
  const old = await addGrant(test.db, { accountId, clientId });
  const kept = [
    await addGrant(test.db, { accountId }),
    await addGrant(test.db, { clientId }),
    await addGrant(test.db, { accountId, clientId, lifetimeSeconds: -1 }),
  ];
  const terms = { tokens: parseGrantedScope('model:gpt-4o cap:chat'), limits: noLimits, reason: undefined };
  const below = await test.db
    .transaction()
    .execute((transaction) =>
      delegateGrant(transaction, { ...terms, parentId: old, expiresAt: new Date(Date.now() + 600_000) }),
    );
  if (below.kind !== 'made') throw new Error('the grant was not made');
  await test.db.transaction().execute(replace);
  expect((await findGrant(test.db, old))?.revokedReason).toBe('replaced');
  expect((await findGrant(test.db, below.grant.id))?.revokedReason).toBe('parent');
  for (const id of kept) expect((await findGrant(test.db, id))?.revokedReason).toBeUndefined();
});

it('the existing access of a client is its redeemed live grants, newest first, with the scope that was shown for the newest', async () => {
  expect(await findExistingAccess(test.db, { accountId, clientId })).toBeUndefined();
  const older = await addGrant(test.db, { accountId, clientId });
  await addGrant(test.db, { accountId, clientId });
  const newer = { ...createGrant(), shownTokens: ['model:gpt-4o', 'model:o3', 'cap:chat'] };
  expect(await insertGrant(test.db, newer)).toBe(true);
  expect(await insertGrant(test.db, newer)).toBe(false);
  expect(await findExistingAccess(test.db, { accountId, clientId })).toBeUndefined();
  for (const id of [older, newer.id]) {
    const token = { model: 'RefreshToken', idHash: id, payload: {}, grantId: id, uid: undefined, expiresInSeconds: 60 };
    await upsertArtifact(test.db, token);
    await markRedeemed(test.db, id);
  }
  const existing = await findExistingAccess(test.db, { accountId, clientId });
  expect(existing?.grants.map(({ id }) => id)).toEqual([newer.id, older]);
  expect(existing?.shownTokens).toEqual(newer.shownTokens);
});
