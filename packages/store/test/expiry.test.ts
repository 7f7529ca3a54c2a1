import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { deleteExpired, listExpiringTables, openDatabase, readUpkeep, setRetention } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { countRows } from './ledger-fixtures.js';

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterEach(() => test.close());

const clean = (table: string, worker = 'worker') => deleteExpired(test.db, { table, worker });

/** Makes every table look as if it had never been cleaned. */
const forgetCleaning = () => sql`delete from maintenance`.execute(test.db);

async function addSessions(count: number, endedAgo: string): Promise<void> {
  await sql`insert into accounts (id, email, password_hash) values ('a', 'a@example.com', '') on conflict do nothing`.execute(
    test.db,
  );
  await sql`
    insert into owner_sessions (id_hash, account_id, expires_at)
    select gen_random_uuid()::text, 'a', now() - ${endedAgo}::interval - n * interval '1 microsecond'
    from generate_series(1, ${count}::integer) as n`.execute(test.db);
}

it('any number of expired rows of a table is removed in short steps', async () => {
  await addSessions(20_500, '1 day');
  await addSessions(10, '-1 day');
  const steps: number[] = [];
  const removed = await deleteExpired(test.db, {
    table: 'owner_sessions',
    worker: 'worker',
    onStep: (count) => steps.push(count),
  });
  expect(removed).toBe(20_500);
  expect(steps).toEqual(Array.from({ length: 20 }, (_, step) => (step + 1) * 1_000));
  expect(await countRows(test.db, 'owner_sessions')).toBe(10);
});

it('rows that end at the same instant are all removed', async () => {
  await addSessions(5_000, '1 day');
  await sql`update owner_sessions set expires_at = now() - interval '1 hour'`.execute(test.db);
  expect(await clean('owner_sessions')).toBe(5_000);
});

it('one server at a time cleans a table, and if it dies another one continues', async () => {
  await addSessions(5_000, '1 day');
  const dying = new AbortController();
  const dies = deleteExpired(test.db, {
    table: 'owner_sessions',
    worker: 'one',
    signal: dying.signal,
    onStep: (removed) => removed >= 2_000 && dying.abort(),
  });
  await expect(dies).rejects.toThrow('abort');
  expect(await clean('owner_sessions', 'other')).toBe(0);
  await sql`update maintenance set claimed_until = now() - interval '1 second'`.execute(test.db);
  expect(await clean('owner_sessions', 'other')).toBe(3_000);
  expect(await countRows(test.db, 'owner_sessions')).toBe(0);
  // The table was cleaned just now.
  await addSessions(1, '1 day');
  expect(await clean('owner_sessions', 'one')).toBe(0);
  await forgetCleaning();
  expect(await clean('owner_sessions', 'one')).toBe(1);
});

it('after a clock that was years ahead has been corrected, a table is still cleaned', async () => {
  await addSessions(5, '1 day');
  await sql`
    insert into maintenance (task, worker, claimed_until, finished_at)
    values ('delete_expired owner_sessions', 'of another time', now() + interval '2 years', now() + interval '2 years')`.execute(
    test.db,
  );
  expect(await clean('owner_sessions')).toBe(5);
});

it('rows that another transaction has locked are skipped until the next time', async () => {
  await addSessions(3, '1 day');
  const other = openDatabase({ url: test.url, applicationName: 'test' });
  await other.transaction().execute(async (transaction) => {
    await sql`select from owner_sessions limit 1 for update`.execute(transaction);
    expect(await clean('owner_sessions')).toBe(2);
  });
  await other.destroy();
  await forgetCleaning();
  expect(await clean('owner_sessions')).toBe(1);
});

it('a session that is prolonged during its removal stays', async () => {
  await addSessions(1, '1 day');
  const other = openDatabase({ url: test.url, applicationName: 'test' });
  await other.transaction().execute(async (transaction) => {
    await sql`update owner_sessions set expires_at = now() + interval '1 day'`.execute(transaction);
    expect(await clean('owner_sessions')).toBe(0);
  });
  await other.destroy();
  await forgetCleaning();
  expect(await clean('owner_sessions')).toBe(0);
  expect(await countRows(test.db, 'owner_sessions')).toBe(1);
});

it('every table with rows that expire is in the list, and each entry works', async () => {
  const { rows } = await sql<{ table: string }>`
    select distinct table_name as table from information_schema.columns
    where table_schema = 'public' and column_name in ('expires_at', 'window_ends_at')`.execute(test.db);
  const tables = await listExpiringTables(test.db);
  expect(tables).toEqual(expect.arrayContaining(rows.map(({ table }) => table)));
  await setRetention(test.db, { auditEvents: 1, endedGrants: 1, unusedClients: 1 });
  for (const table of tables) expect([table, await clean(table)]).toEqual([table, 0]);
  expect((await readUpkeep(test.db)).cleaned.map(({ table }) => table).sort()).toEqual([...tables].sort());
});

it('if the database is too slow for a step, the next steps are smaller', async () => {
  await addSessions(300, '1 day');
  await sql`
    create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.005); return old; end $$`.execute(
    test.db,
  );
  await sql`create trigger slow before delete on owner_sessions for each row execute function slow()`.execute(test.db);
  // Deleting all rows takes 1.5 s.
  const server = openDatabase({ url: test.url, applicationName: 'test', statementTimeoutMilliseconds: 500 });
  expect(await deleteExpired(server, { table: 'owner_sessions', worker: 'worker' })).toBe(300);
  await server.destroy();
});
