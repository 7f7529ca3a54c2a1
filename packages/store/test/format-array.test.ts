import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { formatArray } from '../src/database/format-array.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL'], { migrated: false });
});
afterAll(() => test?.close());

it('writes texts that PostgreSQL reads back unchanged', async () => {
  const texts = [
    'gpt-4o',
    'a b',
    '',
    'null',
    'NULL',
    'Null1',
    '{a,b}',
    'say "so"',
    'back\\slash',
    '\\"',
    ',',
    'é😀',
    '\n\t',
    "'",
  ];
  const { rows } = await sql<{ texts: string[] }>`select ${formatArray(texts)}::text[] as texts`.execute(test.db);
  expect(rows[0]?.texts).toEqual(texts);
});

it('writes numbers, booleans and nulls', async () => {
  const { rows } = await sql`select ${formatArray([1, null, undefined, -2])}::int[] as integers,
    ${formatArray([9_007_199_254_740_993n])}::bigint[] = array[9007199254740993] as exact,
    ${formatArray([true, false])}::boolean[] as truths, ${formatArray([])}::text[] as nothing`.execute(test.db);
  expect(rows[0]).toEqual({ integers: [1, null, null, -2], exact: true, truths: [true, false], nothing: [] });
});
