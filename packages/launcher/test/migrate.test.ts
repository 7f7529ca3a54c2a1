import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';

const program = fileURLToPath(new URL('../src/main.js', import.meta.url));
const withinMilliseconds = 20_000;
let database: TestDatabase;
let holder: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL'], { migrated: false, hasRoles: false });
  holder = new pg.Client({ connectionString: database.url, application_name: 'pg_dump' });
  await holder.connect();
  // a table that the migration has to change, and that a backup reads
  await holder.query('create table functions (name text primary key, checksum text not null)');
});
afterAll(async () => {
  await holder.end();
  await database.close();
});

/** Runs one of the operator's commands as a separate process. */
function begin(...args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'], DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return { child, output, ended };
}

async function countStatements(): Promise<number> {
  const { rows } = await holder.query<{ count: number }>(
    `select count(*)::integer as count from pg_stat_activity
     where datname = current_database() and application_name = 'aipassport operator'`,
  );
  return rows[0]?.count ?? 0;
}

it('`migrate` names the process for which it waits, and leaves no session in the database when Ctrl-C ends it', async () => {
  await holder.query('begin; lock table functions in access share mode');
  const { child, output, ended } = begin('migrate');
  for (const end = performance.now() + withinMilliseconds; !output.stderr.includes('tried again'); await sleep(20))
    if (performance.now() > end)
      throw new Error(`it does not say for whom it waits:\n${output.stdout}${output.stderr}`);
  expect(output.stderr).toMatch(/AccessExclusiveLock on functions; process \d+, "pg_dump"/);
  child.kill('SIGINT');
  expect(await ended).toBe(1);
  expect(output.stderr).toContain('Ended by SIGINT. Run the command again to do the rest.');
  expect(output.stdout).toBe('');
  expect(await countStatements()).toBe(0);
});

it('`migrate` continues by itself when the backup has ended', async () => {
  const { output, ended } = begin('migrate');
  for (const end = performance.now() + withinMilliseconds; !output.stderr.includes('tried again'); await sleep(20))
    if (performance.now() > end)
      throw new Error(`it does not say for whom it waits:\n${output.stdout}${output.stderr}`);
  await holder.query('commit');
  expect(await ended).toBe(0);
  expect(output.stdout).toMatch(/^Applied to the database: 0001_/);
});

it('`migrate` does not wait if the schema is already up to date', async () => {
  await holder.query('begin; lock table migrations, functions, grants, ledger in access share mode');
  const { output, ended } = begin('migrate');
  expect(await ended).toBe(0);
  expect(output).toEqual({ stdout: 'The database is up to date.\n', stderr: '' });
  await holder.query('rollback');
});

it('statements of the operator’s commands have no time limit, because they may read a lot of data', async () => {
  await holder.query('begin; lock table accounts in access exclusive mode');
  const { output, ended } = begin('accounts', 'list');
  await sleep(6_500); // the servers cancel a statement after at most 5 s
  await holder.query('rollback');
  expect(await ended).toBe(0);
  expect(output.stderr).toBe('');
});

it('the option --version shows the release', async () => {
  const { output, ended } = begin('--version');
  expect(await ended).toBe(0);
  expect(output.stdout).toMatch(/^release \d+\n$/);
});
