import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { upsertProviderKey } from '../src/authorization/index.js';
import {
  listSealedKeys,
  openDatabase,
  resealProviderKey,
  retireSealingKeys,
  withSealingKeyRotation,
} from '../src/index.js';
import { findProviderKey } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitForLocks } from '../src/testing.js';
import { addAccount } from './fixtures.js';
import { waitUntil } from './wait-until.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterAll(() => test.close());

const sealed = { upstream: 'openai', host: 'api.openai.com', version: 1, lastFour: 'abcd' } as const;
const store = (accountId: string, sealingKeyId: string, jwe = `to ${sealingKeyId}`) =>
  upsertProviderKey(test.db, { ...sealed, accountId, sealingKeyId, jwe });
const retire = (sealingKeyId: string, unreadableKeyIds: readonly string[] = []) =>
  retireSealingKeys(test.db, { sealingKeyIds: [sealingKeyId], successorId: 'new', unreadableKeyIds });

it('resealing a provider key changes neither its id nor its version', async () => {
  const accountId = await addAccount(test.db);
  await store(accountId, 'a-1');
  const [row] = await listSealedKeys(test.db, { sealedTo: { otherThan: 'new' }, afterId: '', limit: 10 });
  expect(row).toMatchObject({ accountId, sealingKeyId: 'a-1', jwe: 'to a-1' });
  const id = row?.id ?? '';
  const listTo = (...anyOf: string[]) => listSealedKeys(test.db, { sealedTo: { anyOf }, afterId: '', limit: 10 });
  expect([await listTo('a-1', 'a-2'), await listTo('a-2')]).toEqual([[row], []]);
  expect(await resealProviderKey(test.db, { id, from: 'to a-1', jwe: 'to new', sealingKeyId: 'new' })).toBe(true);
  expect(await findProviderKey(test.db, { accountId, upstream: 'openai' })).toEqual({
    ...row,
    jwe: 'to new',
    sealingKeyId: 'new',
  });
  expect(await listSealedKeys(test.db, { sealedTo: { otherThan: 'new' }, afterId: '', limit: 10 })).toEqual([]);
});

it('a provider key that its owner replaces during resealing keeps the owner’s new value', async () => {
  const accountId = await addAccount(test.db);
  await store(accountId, 'b-1');
  const before = await findProviderKey(test.db, { accountId, upstream: 'openai' });
  await store(accountId, 'b-1', 'another key');
  const late = { id: before?.id ?? '', from: before?.jwe ?? '', jwe: 'the old key', sealingKeyId: 'new' };
  expect(await resealProviderKey(test.db, late)).toBe(false);
  expect(await findProviderKey(test.db, { accountId, upstream: 'openai' })).toMatchObject({ jwe: 'another key' });
});

it('a sealing key is not retired while a provider key is sealed to it, unless no key can unseal that provider key', async () => {
  const accountId = await addAccount(test.db);
  await store(accountId, 'c-1');
  expect(await retire('c-1')).toBe(false);
  const row = await findProviderKey(test.db, { accountId, upstream: 'openai' });
  expect(await retire('c-1', [row?.id ?? ''])).toBe(true);
  expect(await retire('c-1', [row?.id ?? ''])).toBe(true);
  const events = await test.db
    .selectFrom('audit_events')
    .select('detail')
    .where('event', '=', 'sealing_key_retired')
    .where(sql`detail->>'key'`, '=', 'c-1')
    .execute();
  expect(events).toEqual([{ detail: { key: 'c-1', successor: 'new' } }]);
});

it('no provider key that is sealed to a retired sealing key can be stored, and the owner’s earlier provider key stays', async () => {
  const accountId = await addAccount(test.db);
  await store(accountId, 'new');
  expect(await retire('d-1')).toBe(true);
  expect(await store(accountId, 'd-1')).toBe(false);
  expect(await store(await addAccount(test.db), 'd-1')).toBe(false);
  expect(await findProviderKey(test.db, { accountId, upstream: 'openai' })).toMatchObject({ jwe: 'to new' });
});

it('a provider key that is being stored during the retirement is either found by the retirement or refused', async () => {
  const accountId = await addAccount(test.db);
  let finish: () => void = () => undefined;
  const finishing = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const storing = test.db.transaction().execute(async (transaction) => {
    await upsertProviderKey(transaction, { ...sealed, accountId, sealingKeyId: 'e-1', jwe: 'to e-1' });
    begin();
    await finishing;
  });
  await begun;
  const retiring = retire('e-1');
  await waitForLocks(test.db, 1);
  // This provider key waits behind the retirement, so it is stored after the retirement.
  const late = store(await addAccount(test.db), 'e-1');
  await waitForLocks(test.db, 2);
  finish();
  await storing;
  expect(await retiring).toBe(false);
  expect(await late).toBe(true);

  const rows = await listSealedKeys(test.db, { sealedTo: { otherThan: 'new' }, afterId: '', limit: 10 });
  for (const { id, jwe: from, sealingKeyId } of rows)
    if (sealingKeyId === 'e-1') await resealProviderKey(test.db, { id, from, jwe: 'to new', sealingKeyId: 'new' });
  expect(await retire('e-1')).toBe(true);
  expect(await store(accountId, 'e-1')).toBe(false);
});

it('a retirement that has to wait gives up, and owners can store provider keys meanwhile', async () => {
  const accountId = await addAccount(test.db);
  const { promise: finishing, resolve: finish } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const storing = test.db.transaction().execute(async (transaction) => {
    await upsertProviderKey(transaction, { ...sealed, accountId, sealingKeyId: 'f-1', jwe: 'to f-1' });
    begin();
    await finishing;
  });
  await begun;
  const retiring = retire('f-1');
  await waitForLocks(test.db, 1);
  expect(await store(await addAccount(test.db), 'f-1')).toBe(true);
  expect(await retiring).toBe(false);
  finish();
  await storing;
});

it('one rotation runs at a time, and a rotation whose connection has ended does not block the next one', async () => {
  const other = openDatabase({ url: test.url, applicationName: 'rotates too', maxConnections: 1 });
  await withSealingKeyRotation(test.db, async () => {
    await expect(withSealingKeyRotation(other, async () => 'both')).rejects.toThrow('by another process');
  });
  expect(await withSealingKeyRotation(other, async () => 'after')).toBe('after');
  const dying = withSealingKeyRotation(other, async () => {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'rotates too'`.execute(
      test.db,
    );
  });
  await expect(dying).rejects.toThrow();
  // PostgreSQL closes the connection first, then releases the locks, and ends the session last.
  await waitUntil(async () => {
    const { rows } = await sql`select from pg_stat_activity where application_name = 'rotates too'`.execute(test.db);
    return rows.length === 0;
  });
  expect(await withSealingKeyRotation(test.db, async () => 'again')).toBe('again');
  await other.destroy();
});
