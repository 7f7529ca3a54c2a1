import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createProgram } from '../src/create-program.js';
import { launcherEnvironment } from '../src/environment.js';
import { DebianPostgres, isInstalled } from './debian-postgres.js';
import { waitUntil } from './wait-until.js';

const note = isInstalled ? '' : ' (skipped: Debian’s PostgreSQL is not installed)';

(isInstalled ? describe : describe.skip)(`the scripts in deploy/backup${note}`, () => {
  let directory = '';
  let postgres: DebianPostgres;
  let running = '';
  let backup = '';
  let moment = '';

  async function query(text: string): Promise<readonly pg.QueryResultRow[]> {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    try {
      return (await client.query<pg.QueryResultRow>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Runs one of the operator's commands in this process. */
  async function run(...args: readonly string[]): Promise<void> {
    const variables = { DATABASE_URL: postgres.url };
    const environment = launcherEnvironment.read({ variables, readFile: (file) => readFileSync(file, 'utf8') });
    const print = () => undefined;
    const program = createProgram({ environment, variables, print, printProgress: print, now: () => new Date() });
    await program.parseAsync(['node', 'aipassport', ...args]);
  }

  const listAccounts = async () => (await query('select email from accounts order by email')).map(({ email }) => email);

  /** Makes PostgreSQL archive all changes so far. */
  async function archiveAll(): Promise<void> {
    const [row] = await query('select pg_walfile_name(pg_switch_wal()) as segment');
    const segment = path.join(postgres.backups, 'wal', String(row?.['segment']));
    await waitUntil(() => existsSync(segment));
  }

  async function restore(cluster: string, ...time: readonly string[]): Promise<void> {
    postgres.crash(running);
    postgres.runScript('restore.sh', backup, postgres.place(cluster), ...time);
    postgres.start(cluster);
    running = cluster;
    await waitUntil(async () => {
      const [row] = await query('select pg_is_in_recovery() as recovering');
      return row?.['recovering'] === false;
    });
  }

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'aipassport-backup-'));
    postgres = await DebianPostgres.make(directory);
    running = 'first';
    postgres.makeCluster(running);
    postgres.start(running);
    await run('migrate');
    await run('accounts', 'create', 'before@example.com');
    backup = postgres.runScript('base-backup.sh');
    await run('accounts', 'create', 'after@example.com');
    [{ moment }] = (await query('select clock_timestamp()::text as moment')) as [{ moment: string }];
    await run('accounts', 'create', 'mistake@example.com');
    await archiveAll();
  });

  afterAll(() => {
    postgres.crash(running);
    rmSync(directory, { recursive: true });
  });

  it('restore the state of a moment after the base backup', async () => {
    await restore('to-the-moment', moment);
    expect(await listAccounts()).toEqual(['after@example.com', 'before@example.com']);
    await run('verify-ledger');
  });

  it('restore everything that was archived, also from a backup of a restored PostgreSQL', async () => {
    await run('accounts', 'create', 'later@example.com');
    backup = postgres.runScript('base-backup.sh');
    await run('accounts', 'create', 'last@example.com');
    await archiveAll();
    await restore('to-the-end');
    expect(await listAccounts()).toEqual([
      'after@example.com',
      'before@example.com',
      'last@example.com',
      'later@example.com',
    ]);
  });

  it('refuse to restore into a directory that has files', () => {
    expect(() => postgres.runScript('restore.sh', backup, postgres.place('first'))).toThrow('is not empty');
  });

  it('archive a segment once, and refuse another one of the same name', () => {
    const file = postgres.place('segment');
    writeFileSync(file, 'one');
    postgres.runScript('archive-wal.sh', file, 'SEGMENT');
    postgres.runScript('archive-wal.sh', file, 'SEGMENT');
    writeFileSync(file, 'two');
    expect(() => postgres.runScript('archive-wal.sh', file, 'SEGMENT')).toThrow();
    expect(readFileSync(path.join(postgres.backups, 'wal/SEGMENT'), 'utf8')).toBe('one');
  });

  it('remove older base backups, and the changes before the oldest that is kept', async () => {
    const before = readdirSync(path.join(postgres.backups, 'wal'));
    postgres.runScript('prune.sh', '1');
    expect(readdirSync(path.join(postgres.backups, 'base'))).toEqual([path.basename(backup)]);
    expect(readdirSync(path.join(postgres.backups, 'wal')).length).toBeLessThan(before.length);
    await restore('after-pruning');
    expect(await listAccounts()).toContain('last@example.com');
  });
});
