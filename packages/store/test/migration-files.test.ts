import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { listMigrations } from '../src/database/sql-files.js';

/** One line for each migration: its checksum, two spaces and the name of its file, as `sha256sum` prints them. */
const recorded = readFileSync(new URL('../../migrations.sha256', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');
const present = (await listMigrations()).map(({ name, checksum }) => `${checksum}  ${name}.sql`);

it('no migration has changed or is missing since its checksum was recorded', () => {
  // A database that has applied a migration refuses every later version of its file. Restore the file, and put the
  // change into a new migration. If the migration was never published, delete its line and run `npm run update:schema`.
  expect(recorded.filter((line) => !present.includes(line))).toEqual([]);
});

it('the checksum of each migration is recorded', () => {
  // `npm run update:schema` adds what is missing
  expect(present.filter((line) => !recorded.includes(line))).toEqual([]);
});

it('no two migrations have the same number', async () => {
  const numbers = (await listMigrations()).map(({ name }) => name.slice(0, 4));
  // Two migrations were published with the number 0049. Databases know them by their names, so both names stay.
  expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual(['0049']);
});
