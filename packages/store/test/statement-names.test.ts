import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL'], { migrated: false });
});
afterAll(() => test.close());

// The ids at the beginning of titles are rows of docs/security.md.
it('Q1: a statement’s name is derived from its text, so that programs that share a connection cannot confuse statements', async () => {
  const db = openDatabase({ url: test.url, applicationName: 'test', maxConnections: 1 });
  const add = (number: number) => sql`select ${number}::integer + 1 as sum`.execute(db);
  const join = (text: string) => sql`select ${text}::text || 'x' as joined`.execute(db);
  await add(1);
  await join('a');
  await add(2);
  const { rows } = await sql<{ name: string; statement: string }>`
    select name, statement from pg_prepared_statements order by statement`.execute(db);
  await db.destroy();
  expect(rows).toHaveLength(2);
  for (const { name, statement } of rows)
    expect(name).toBe(`s_${createHash('sha256').update(statement).digest('hex').slice(0, 32)}`);
});

it('W2: a connection with plans for an older schema is not used again', async () => {
  const db = openDatabase({ url: test.url, applicationName: 'test', maxConnections: 1 });
  const read = () => sql`select * from outgrown where id = ${1}::integer`.execute(db);
  await sql`create table outgrown (id integer)`.execute(db);
  await read();
  await sql`alter table outgrown add column more integer`.execute(test.db);
  await expect(read()).rejects.toThrow('cached plan must not change result type');
  await read();
  await db.destroy();
});
