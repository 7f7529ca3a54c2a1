import { afterEach, beforeEach, expect, it } from '@jest/globals';
import {
  deleteReplaceableAccount,
  disableAccount,
  disableReplaceableAccount,
  enableAccount,
  insertAccount,
  listOperators,
  removeReplaceableOperator,
  setOperator,
} from '../src/authorization/index.js';
import { type Database, openDatabase } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';

let test: TestDatabase;
let replicas: readonly [Database, Database];
beforeEach(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  const open = () => openDatabase({ url: test.urls.authorization, applicationName: 'test' });
  replicas = [open(), open()];
});
afterEach(async () => {
  await Promise.all(replicas.map((db) => db.destroy()));
  await test.close();
});

async function addOperator(name: string): Promise<string> {
  const account = await insertAccount(test.db, { email: `${name}@example.com`, passwordHash: '' });
  if (account === undefined) throw new Error('an account with this e-mail address exists already');
  await setOperator(test.db, account.id, true);
  return account.id;
}

type Act = (db: Database, accountId: string) => Promise<boolean | 'only_operator'>;

const acts: Readonly<Record<string, Act>> = {
  'take the role away': removeReplaceableOperator,
  disable: (db, accountId) => disableReplaceableAccount(db, accountId, 'program'),
  delete: deleteReplaceableAccount,
};
const names = Object.keys(acts);
const pairs = names.flatMap((one, index) => names.slice(index).map((other) => [one, other] as const));

/** The servers' database role may not remove an operator, so that act uses a superuser's connection. */
const connectionOf = (name: string, replica: Database) => (name === 'take the role away' ? test.db : replica);

it.each(pairs)('if two operators are removed at the same time, one of them stays: %s, %s', async (one, other) => {
  for (let round = 0; round < 5; round += 1) {
    const [first, second] = [await addOperator(`one-${round}`), await addOperator(`other-${round}`)];
    const outcomes = await Promise.all([
      acts[one]?.(connectionOf(one, replicas[0]), first),
      acts[other]?.(connectionOf(other, replicas[1]), second),
    ]);
    expect(new Set(outcomes)).toEqual(new Set(['only_operator', true]));
    const left = outcomes[0] === true ? `other-${round}` : `one-${round}`;
    expect(await listOperators(test.db)).toEqual([`${left}@example.com`]);
    await setOperator(test.db, outcomes[0] === true ? second : first, false);
  }
});

it('an operator who is disabled does not count, and may be deleted', async () => {
  const [one, other] = [await addOperator('one'), await addOperator('other')];
  expect(await disableAccount(test.db, other)).toBe(true);
  for (const name of names) expect(await acts[name]?.(test.db, one)).toBe('only_operator');
  expect(await deleteReplaceableAccount(replicas[0], other)).toBe(true);
  expect(await enableAccount(test.db, one)).toBe(false);
  expect(await listOperators(test.db)).toEqual(['one@example.com']);
});

it('if an account becomes an operator while it is deleted, it is either deleted first, or stays as the only operator', async () => {
  for (let round = 0; round < 5; round += 1) {
    const account = await insertAccount(test.db, { email: `new-${round}@example.com`, passwordHash: '' });
    const id = account?.id ?? '';
    const [deleted, added] = await Promise.all([
      deleteReplaceableAccount(replicas[0], id),
      setOperator(test.db, id, true),
    ]);
    // either it was deleted before it could become an operator, or it is the only one and stays
    expect([deleted, added]).toEqual(deleted === true ? [true, false] : ['only_operator', true]);
    if (added) await setOperator(test.db, id, false);
  }
});
