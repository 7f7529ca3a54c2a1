import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  deleteAccount,
  deleteProviderKey,
  deleteSpareKey,
  insertKeyTest,
  insertSpareKey,
  listProviderKeys,
  listSpareKeys,
  lockAccount,
  maxSpareKeys,
  nameProviderKey,
  nameSpareKey,
  nextProviderKeyVersion,
  promoteSpareKey,
  requestSpareKeyTest,
  upsertProviderKey,
} from '../src/authorization/index.js';
import { listSealedKeys, resealProviderKey, retireSealingKeys } from '../src/index.js';
import { findProviderKey, findSpareKey, noteKeyRefusals, noteKeyTest, takeKeyTests } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount } from './fixtures.js';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterAll(() => test.close());

const upstream = 'openai';

interface Given {
  readonly accountId: string;
  readonly lastFour: string;
  readonly sealingKeyId?: string;
}

async function describeNew({ accountId, lastFour, sealingKeyId = 'k' }: Given) {
  const version = await nextProviderKeyVersion(test.db, accountId, upstream);
  return {
    accountId,
    upstream,
    host: 'api.openai.com',
    version,
    sealingKeyId,
    jwe: `to ${sealingKeyId} ${lastFour}`,
    lastFour,
  };
}

const addFirst = async (given: Given) => upsertProviderKey(test.db, await describeNew(given));

const addSpare = async (given: Given, more: { name?: string; tested?: 'accepted' } = {}) =>
  insertSpareKey(test.db, { name: '', tested: undefined, ...(await describeNew(given)), ...more });

/** The last characters of the account's keys, in their order. */
async function listEndings(accountId: string): Promise<readonly string[]> {
  const keys = [...(await listProviderKeys(test.db, accountId)), ...(await listSpareKeys(test.db, accountId))];
  return keys.map(({ lastFour }) => lastFour);
}

const findSpare = async (accountId: string, lastFour: string) =>
  (await listSpareKeys(test.db, accountId)).find((key) => key.lastFour === lastFour);

const idOf = async (accountId: string, lastFour: string) => (await findSpare(accountId, lastFour))?.id ?? '';

async function furnish(...endings: readonly string[]): Promise<string> {
  const accountId = await addAccount(test.db);
  for (const [index, lastFour] of endings.entries())
    await (index === 0 ? addFirst({ accountId, lastFour }) : addSpare({ accountId, lastFour }));
  return accountId;
}

const listEvents = async (accountId: string) =>
  (
    await sql<{ event: string }>`select event from audit_events where account_id = ${accountId} order by id`.execute(
      test.db,
    )
  ).rows.map(({ event }) => event);

it('keeps the order in which provider keys were added, and puts a spare one first when asked', async () => {
  const accountId = await furnish('aaaa', 'bbbb', 'cccc');
  expect(await listEndings(accountId)).toEqual(['aaaa', 'bbbb', 'cccc']);
  expect(await promoteSpareKey(test.db, { accountId, id: await idOf(accountId, 'cccc') })).toBe(true);
  expect(await listEndings(accountId)).toEqual(['cccc', 'aaaa', 'bbbb']);
  expect(await findProviderKey(test.db, { accountId, upstream })).toMatchObject({ jwe: 'to k cccc', version: 3 });
  expect(await promoteSpareKey(test.db, { accountId, id: await idOf(accountId, 'bbbb') })).toBe(true);
  expect(await listEndings(accountId)).toEqual(['bbbb', 'cccc', 'aaaa']);
  expect(await promoteSpareKey(test.db, { accountId, id: 'unknown' })).toBe(false);
  expect(await listEvents(accountId)).toEqual([
    ...Array.from({ length: 3 }, () => 'provider_key_added'),
    'provider_key_put_first',
    'provider_key_put_first',
  ]);
});

it('the name, the refusal and the test of a provider key go with it', async () => {
  const accountId = await furnish('aaaa');
  const place = { accountId, upstream } as const;
  await nameProviderKey(test.db, place, 'Work');
  await insertKeyTest(test.db, place, 'accepted');
  const first = await findProviderKey(test.db, place);
  await noteKeyRefusals(test.db, [{ ...place, id: first?.id ?? '', reason: '401 invalid_api_key' }]);
  await addSpare({ accountId, lastFour: 'bbbb' }, { name: 'Home' });
  const [before] = await listProviderKeys(test.db, accountId);

  await promoteSpareKey(test.db, { accountId, id: await idOf(accountId, 'bbbb') });
  expect(await listProviderKeys(test.db, accountId)).toMatchObject([
    { lastFour: 'bbbb', name: 'Home', refused: undefined, test: undefined },
  ]);
  expect(await findSpare(accountId, 'aaaa')).toEqual(before);
  expect(before).toMatchObject({
    name: 'Work',
    refused: { reason: '401 invalid_api_key' },
    test: { verdict: 'accepted' },
  });

  await promoteSpareKey(test.db, { accountId, id: await idOf(accountId, 'aaaa') });
  expect(await listProviderKeys(test.db, accountId)).toEqual([before]);
});

it('when the first provider key is deleted, by any release, the next one becomes the first', async () => {
  const accountId = await furnish('aaaa', 'bbbb', 'cccc');
  await nameSpareKey(test.db, { accountId, id: await idOf(accountId, 'bbbb') }, 'Second');
  expect(await deleteProviderKey(test.db, { accountId, upstream })).toBe(true);
  expect(await listProviderKeys(test.db, accountId)).toMatchObject([{ lastFour: 'bbbb', name: 'Second' }]);
  await sql`delete from provider_keys where account_id = ${accountId}`.execute(test.db);
  expect(await listEndings(accountId)).toEqual(['cccc']);
  expect(await deleteProviderKey(test.db, { accountId, upstream })).toBe(true);
  expect(await listEndings(accountId)).toEqual([]);
});

it('a replaced first provider key leaves the spare ones as they are, and no two have the same version', async () => {
  const accountId = await furnish('aaaa', 'bbbb');
  await addFirst({ accountId, lastFour: 'dddd' });
  expect(await listEndings(accountId)).toEqual(['dddd', 'bbbb']);
  const given = await describeNew({ accountId, lastFour: 'eeee' });
  expect(await insertSpareKey(test.db, { ...given, version: given.version - 1, name: '', tested: undefined })).toBe(
    'refused',
  );
});

it('an account has at most nine spare provider keys of an upstream, and none without a first one', async () => {
  const accountId = await furnish('aaaa');
  expect(await addSpare({ accountId: await addAccount(test.db), lastFour: 'bbbb' })).toBe('no_first');
  for (let count = 0; count < maxSpareKeys; count += 1)
    expect(await addSpare({ accountId, lastFour: `000${count}` })).toBe('stored');
  expect(await addSpare({ accountId, lastFour: 'more' })).toBe('too_many');
  expect(await listEndings(accountId)).toHaveLength(1 + maxSpareKeys);
});

it('deletes a spare provider key, and another account cannot', async () => {
  const accountId = await furnish('aaaa', 'bbbb');
  const id = await idOf(accountId, 'bbbb');
  const other = await furnish('cccc');
  expect(await deleteSpareKey(test.db, { accountId: other, id })).toBe(false);
  expect(await promoteSpareKey(test.db, { accountId: other, id })).toBe(false);
  expect(await deleteSpareKey(test.db, { accountId, id })).toBe(true);
  expect(await deleteSpareKey(test.db, { accountId, id })).toBe(false);
  expect(await listEndings(accountId)).toEqual(['aaaa']);
});

it('the provider keys of a deleted account end with it', async () => {
  const accountId = await furnish('aaaa', 'bbbb');
  await deleteAccount(test.db, accountId);
  expect(await listEndings(accountId)).toEqual([]);
});

it('at any moment while the order changes and keys are deleted, the account has a first provider key', async () => {
  const accountId = await furnish('aaaa', 'bbbb', 'cccc', 'dddd');
  let isDone = false;
  const seen: unknown[] = [];
  const watching = (async () => {
    while (!isDone) seen.push(await findProviderKey(test.db, { accountId, upstream }));
  })();
  const lockAnd = (act: (transaction: typeof test.db) => Promise<unknown>) =>
    test.db.transaction().execute(async (transaction) => {
      await lockAccount(transaction, accountId);
      await act(transaction);
    });
  const ids = (await listSpareKeys(test.db, accountId)).map(({ id }) => id);
  for (let round = 0; round < 5; round += 1)
    await Promise.all(ids.map((id) => lockAnd((transaction) => promoteSpareKey(transaction, { accountId, id }))));
  await Promise.all([
    lockAnd((transaction) => deleteProviderKey(transaction, { accountId, upstream })),
    lockAnd((transaction) => promoteSpareKey(transaction, { accountId, id: ids[0] ?? '' })),
  ]);
  isDone = true;
  await watching;
  expect(seen.length).toBeGreaterThan(3);
  expect(seen).not.toContain(undefined);
  expect(await listEndings(accountId)).toHaveLength(3);
});

it('a test of a spare provider key is taken once, and its result belongs to this key', async () => {
  const accountId = await furnish('aaaa', 'bbbb', 'cccc');
  const id = await idOf(accountId, 'bbbb');
  expect(await requestSpareKeyTest(test.db, { accountId, id: 'unknown' })).toBe(false);
  expect(await requestSpareKeyTest(test.db, { accountId, id })).toBe(true);
  const [taken, ...others] = await takeKeyTests(test.db, 8);
  expect(taken).toMatchObject({ accountId, upstream, providerKeyId: id });
  expect(others).toEqual([]);
  expect(await takeKeyTests(test.db, 8)).toEqual([]);
  if (taken !== undefined) await noteKeyTest(test.db, taken, 'accepted');
  expect(await findSpare(accountId, 'bbbb')).toMatchObject({ test: { verdict: 'accepted' } });
  expect((await findSpare(accountId, 'cccc'))?.test).toBeUndefined();
});

it('spare provider keys are sealed anew too, and prevent the retirement of their sealing key until then', async () => {
  const accountId = await addAccount(test.db);
  await addFirst({ accountId, lastFour: 'aaaa', sealingKeyId: 'new' });
  await addSpare({ accountId, lastFour: 'bbbb', sealingKeyId: 'old' });
  const retirement = { sealingKeyIds: ['old'], successorId: 'new', unreadableKeyIds: [] };
  expect(await retireSealingKeys(test.db, retirement)).toBe(false);
  const [found, ...others] = await listSealedKeys(test.db, { sealedTo: { anyOf: ['old'] }, afterId: '', limit: 10 });
  expect(found).toMatchObject({ accountId, jwe: 'to old bbbb' });
  expect(others).toEqual([]);
  const id = found?.id ?? '';
  expect(await resealProviderKey(test.db, { id, from: 'to old bbbb', jwe: 'anew', sealingKeyId: 'new' })).toBe(true);
  expect(await findSpareKey(test.db, { accountId, upstream, id })).toMatchObject({ jwe: 'anew', sealingKeyId: 'new' });
  expect(await retireSealingKeys(test.db, retirement)).toBe(true);
  expect(await addSpare({ accountId, lastFour: 'cccc', sealingKeyId: 'old' })).toBe('refused');
});
