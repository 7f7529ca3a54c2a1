import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  clearAttempts,
  consumeArtifact,
  countAttempt,
  deleteAccount,
  deleteClient,
  deleteProviderKey,
  disableAccount,
  findArtifact,
  findClient,
  findOwnerSession,
  insertAccount,
  insertOwnerSession,
  isRegisteredOrigin,
  listProviderKeys,
  nextProviderKeyVersion,
  upsertArtifact,
  upsertProviderKey,
} from '../src/authorization/index.js';
import { findProviderKey } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitForLocks } from '../src/testing.js';
import { addAccount, addClient, addGrant } from './fixtures.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterAll(() => test.close());

it('addresses that differ only in upper case or outer spaces belong to one account', async () => {
  const attempts = ['Ann@example.com', ' ann@EXAMPLE.com ', 'ann@example.com'].map((email) =>
    insertAccount(test.db, { email, passwordHash: 'not-a-hash' }),
  );
  expect((await Promise.all(attempts)).filter((account) => account !== undefined)).toHaveLength(1);
});

it('of 50 simultaneous attempts to consume an artifact, one succeeds', async () => {
  const key = { model: 'AuthorizationCode', idHash: 'code' };
  await upsertArtifact(test.db, {
    ...key,
    payload: { a: 1 },
    grantId: undefined,
    uid: undefined,
    expiresInSeconds: 60,
  });
  const results = await Promise.all(Array.from({ length: 50 }, () => consumeArtifact(test.db, key)));
  expect(results.filter(Boolean)).toHaveLength(1);
  expect(await findArtifact(test.db, key)).toMatchObject({ payload: { a: 1 }, consumedAt: expect.any(Date) });
});

it('does not find an expired artifact', async () => {
  const key = { model: 'Interaction', idHash: 'i' };
  await upsertArtifact(test.db, { ...key, payload: {}, grantId: undefined, uid: undefined, expiresInSeconds: -1 });
  expect(await findArtifact(test.db, key)).toBeUndefined();
});

it('ends a session that is idle or too old', async () => {
  const accountId = await addAccount(test.db);
  await insertOwnerSession(test.db, { sessionId: 'idle', accountId, lifetimeSeconds: 3_600 });
  await insertOwnerSession(test.db, { sessionId: 'old', accountId, lifetimeSeconds: 0 });
  await sql`update owner_sessions set last_seen_at = now() - interval '31 minutes'`.execute(test.db);
  expect(await findOwnerSession(test.db, 'idle', { idleSeconds: 1_800 })).toBeUndefined();
  expect(await findOwnerSession(test.db, 'idle', { idleSeconds: 3_600 })).toMatchObject({ accountId });
  expect(await findOwnerSession(test.db, 'old', { idleSeconds: 3_600 })).toBeUndefined();
});

it('counts concurrent attempts exactly; the count ends when it is cleared or when its window ends', async () => {
  const limit = { key: 'sign-in:ann', limit: 10, windowSeconds: 900 };
  const verdicts = await Promise.all(Array.from({ length: 60 }, () => countAttempt(test.db, limit)));
  expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(10);
  expect(verdicts.at(-1)).toEqual({ allowed: false, retryAfterSeconds: expect.any(Number) });
  await clearAttempts(test.db, limit.key);
  expect(await countAttempt(test.db, limit)).toEqual({ allowed: true });
  await countAttempt(test.db, { ...limit, limit: 1 });
  await sql`update attempts set window_ends_at = now() - interval '1 second'`.execute(test.db);
  expect(await countAttempt(test.db, { ...limit, limit: 1 })).toEqual({ allowed: true });
});

it('replaces a provider key with a new version, and shows its last four characters', async () => {
  const accountId = await addAccount(test.db);
  const of = (version: number) =>
    ({
      accountId,
      upstream: 'openai',
      host: 'api.openai.com',
      version,
      sealingKeyId: 'k',
      jwe: `jwe-${version}`,
      lastFour: 'abcd',
    }) as const;
  expect(await nextProviderKeyVersion(test.db, accountId, 'openai')).toBe(1);
  await upsertProviderKey(test.db, of(1));
  const first = await findProviderKey(test.db, { accountId, upstream: 'openai' });
  expect(await nextProviderKeyVersion(test.db, accountId, 'openai')).toBe(2);
  await upsertProviderKey(test.db, of(2));
  const second = await findProviderKey(test.db, { accountId, upstream: 'openai' });
  expect(second).toMatchObject({ version: 2, jwe: 'jwe-2' });
  expect(second?.id).not.toBe(first?.id);
  expect(await listProviderKeys(test.db, accountId)).toMatchObject([{ upstream: 'openai', lastFour: 'abcd' }]);
  expect(await deleteProviderKey(test.db, { accountId, upstream: 'openai' })).toBe(true);
  expect(await deleteProviderKey(test.db, { accountId, upstream: 'openai' })).toBe(false);
  const events = await test.db
    .selectFrom('audit_events')
    .select('event')
    .where('account_id', '=', accountId)
    .orderBy('id')
    .execute();
  expect(events.map(({ event }) => event)).toEqual([
    'provider_key_added',
    'provider_key_replaced',
    'provider_key_deleted',
  ]);
});

it.each([
  ['deleted', deleteAccount],
  ['disabled', disableAccount],
] as const)('stores no provider key if the account is %s while the key is being stored', async (_how, end) => {
  const accountId = await addAccount(test.db);
  const key = { upstream: 'openai', host: 'api.openai.com', version: 1, sealingKeyId: 'k', jwe: 'j' } as const;
  const stored = await test.db.transaction().execute(async (other) => {
    // the account stays locked until two statements wait for it: first its deletion or disabling, then the storing
    await sql`select from accounts where id = ${accountId} for update`.execute(other);
    const ended = end(test.db, accountId);
    await waitForLocks(test.db, 1);
    const storing = upsertProviderKey(test.db, { ...key, accountId, lastFour: 'abcd' });
    await waitForLocks(test.db, 2);
    return { ended, storing };
  });
  expect(await stored.ended).toBe(true);
  expect(await stored.storing).toBe(false);
  expect(await listProviderKeys(test.db, accountId)).toEqual([]);
});

it('deletes a client with its grants', async () => {
  const clientId = await addClient(test.db, ['https://app.example']);
  const grantId = await addGrant(test.db, { clientId });
  await upsertArtifact(test.db, {
    model: 'RefreshToken',
    idHash: 'of-client',
    payload: {},
    grantId,
    uid: undefined,
    expiresInSeconds: 60,
  });
  expect(await isRegisteredOrigin(test.db, 'https://app.example')).toBe(true);
  expect(await deleteClient(test.db, clientId)).toBe(true);
  expect(await findClient(test.db, clientId)).toBeUndefined();
  expect(await isRegisteredOrigin(test.db, 'https://app.example')).toBe(false);
  expect(await findArtifact(test.db, { model: 'RefreshToken', idHash: 'of-client' })).toBeUndefined();
});
