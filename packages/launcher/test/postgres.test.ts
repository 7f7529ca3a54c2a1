import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Postgres, type PostgresOptions, startPostgres } from '../src/postgres/start-postgres.js';

let directory: string;
let running: Postgres | undefined;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-postgres-'));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(directory, { recursive: true, force: true });
});

async function start(options: Partial<PostgresOptions> = {}): Promise<Postgres> {
  running = await startPostgres({ directory, durable: false, ...options });
  return running;
}

async function query(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

it('keeps its data over a restart', async () => {
  const first = await start();
  await query(first.url, 'create table kept (n int)');
  await query(first.url, 'insert into kept values (1)');
  await first.stop();
  const second = await start();
  expect((await query(second.url, 'select n from kept')).rows).toEqual([{ n: 1 }]);
});

it('still has its data after kill -9', async () => {
  const first = await start({ durable: true });
  await query(first.url, 'create table kept (n int)');
  process.kill(first.pid, 'SIGKILL');
  await sleep(100);
  const second = await start({ durable: true });
  expect((await query(second.url, 'select n from kept')).rows).toEqual([]);
});

it('reports when PostgreSQL ends by itself, and not when it is stopped', async () => {
  const reasons: string[] = [];
  const first = await start();
  first.onExit((why) => reasons.push(why));
  await first.stop();
  const second = await start();
  const ended = new Promise<string>((resolve) => {
    second.onExit(resolve);
  });
  process.kill(second.pid, 'SIGKILL');
  expect(await ended).toBe('PostgreSQL ended (SIGKILL)');
  expect(reasons).toEqual([]);
});

it('stops a PostgreSQL that outlived its launcher, and says so', async () => {
  const orphan = await start();
  await query(orphan.url, 'create table kept (n int)');
  const lines: string[] = [];
  const second = await start({ log: (line) => lines.push(line) });
  expect(lines).toContain(`stopping a PostgreSQL (process ${orphan.pid}) left over from an earlier run`);
  expect(second.pid).not.toBe(orphan.pid);
  expect((await query(second.url, 'select n from kept')).rows).toEqual([]);
});

it('does not stop another program whose process id is in a stale postmaster.pid', async () => {
  await (await start()).stop();
  writeFileSync(path.join(directory, 'postgres', 'postmaster.pid'), `${process.pid}\n`);
  const second = await start();
  expect((await query(second.url, 'select 1 as one')).rows).toEqual([{ one: 1 }]);
});

it('refuses data of another major version, and says why', async () => {
  await (await start()).stop();
  writeFileSync(path.join(directory, 'postgres', 'PG_VERSION'), '12\n');
  await expect(start()).rejects.toThrow(/is of PostgreSQL 12, this is PostgreSQL \d+; dump and restore it/);
});

it('requires a password for every connection, and only the owner of the password file can read it', async () => {
  const { url, port } = await start();
  await expect(query(`postgres://postgres:wrong@127.0.0.1:${port}/postgres`, 'select 1')).rejects.toThrow(
    /password authentication failed/,
  );
  expect((await query(url, 'select 1 as one')).rows).toEqual([{ one: 1 }]);
  expect(statSync(path.join(directory, 'postgres.password')).mode & 0o777).toBe(0o600);
});

it('ends a PostgreSQL that writes nothing and does not become ready, and says so', async () => {
  // With this setting, PostgreSQL logs to a file, so the launcher does not read that PostgreSQL is ready.
  const settings = { logging_collector: 'on' };
  await expect(start({ settings, maxSilenceMilliseconds: 2_000 })).rejects.toThrow(
    /did not start: it was not ready and wrote nothing for 2 s\n.*redirecting log output/,
  );
  await (await start()).stop();
});
