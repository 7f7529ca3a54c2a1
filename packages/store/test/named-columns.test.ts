import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { listBridges, listFunctions } from '../src/database/sql-files.js';

const source = new URL('../../', import.meta.url);

it('every statement names its columns, so that a new column does not break prepared statements', () => {
  const files = readdirSync(new URL('src', source), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(20);
  const starred = files.filter((file) =>
    /selectAll|returningAll|returning (\w+\.)?\*/.test(readFileSync(new URL(`src/${file}`, source), 'utf8')),
  );
  expect(starred).toEqual([]);
});

const schema = readFileSync(new URL('schema.sql', source), 'utf8');
const tables = [...schema.matchAll(/^create (?:unlogged )?table (\w+)/gm)].map(([, name = '']) => name);

/**
 * Ways to write or return whole rows of a table. Each of them fails, or writes nulls, once the table has a new column.
 */
const wholeRows = [
  new RegExp(`::\\s*(?:${tables.join('|')})\\b`, 'g'),
  /\b\w*populate_record(?:set)?\b/g,
  /\binsert\s+into\s+\S+\s+(?=\S)(?!\(|as\s+\w+\s*\()\w+/g,
  /(?:\breturning|\bselect|,)\s+\w+\.\*/g,
  /\breturning\s+\*/g,
  // A variable that has the type of the table's rows may be filled with `select *`: both have the new column.
  /(?<!\bfor\s+\w+\s+in\s+)\bselect\s+\*(?!\s+into\b)/g,
];

function listWholeRows(text: string): readonly string[] {
  const statements = text.replaceAll(/--.*$/gm, '');
  return wholeRows.flatMap((pattern) => statements.match(pattern) ?? []);
}

it('no function writes or returns whole rows, so that it also works after a migration has added a column', async () => {
  expect(tables).toContain('reservations');
  const files = [...(await listFunctions()), ...(await listBridges())];
  expect(files.length).toBeGreaterThan(40);
  const found = files.map(({ name, text }) => ({ name, wholeRows: listWholeRows(text) }));
  expect(found.filter((file) => file.wholeRows.length > 0)).toEqual([]);
});

it.each([
  'x := row(a, now())::reservations;',
  'x := array_agg(row(a)::operator_spending) filter (where true);',
  "x := jsonb_populate_record(null, '{}');",
  'insert into ledger select a from b',
  'insert into %I values (1)',
  "execute format('insert into %1$I  select (r).* from r')",
  'delete from reservations r returning r.*, 1',
  'delete from reservations returning *',
  'select a, r.* from reservations r',
  'select a from (select * from reservations) r',
])('finds a whole row: %s', (statement) => {
  expect(listWholeRows(statement)).toHaveLength(1);
});

it.each([
  'for g in select * from grants where true loop',
  'select * into strict account from account_limits',
  'insert into ledger (a) select count(*) from b',
  'insert into usage_days as u (a) values (a * 2)',
  'insert into %1$I\n  (%2$s) select %2$s from page',
  "'ledger'::regclass",
])('accepts %j', (statement) => {
  expect(listWholeRows(statement)).toEqual([]);
});
