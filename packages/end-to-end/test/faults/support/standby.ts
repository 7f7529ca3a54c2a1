import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { waitUntil } from '../../harness/wait-until.js';

export interface StandbyCopy {
  /** SECRET: the URL of the running primary, as a superuser. */
  readonly url: string;
  /** The directory from which `startPostgres` has started the primary. */
  readonly from: string;
  /** An empty directory, from which `startPostgres` can start the standby. */
  readonly to: string;
}

/**
 * Copies the files of a running PostgreSQL, as `pg_basebackup` does. The PostgreSQL from npm does not have that
 * program. The primary needs `wal_keep_size`, because the copy contains no write-ahead log: the standby gets the log
 * over the network.
 */
export async function makeStandbyDirectory({ url, from, to }: StandbyCopy): Promise<void> {
  const cluster = path.join(to, 'postgres');
  await withClient(url, async (client) => {
    await client.query("select pg_backup_start('standby', fast => true)");
    copy(path.join(from, 'postgres'), cluster);
    copy(path.join(from, 'postgres.password'), path.join(to, 'postgres.password'));
    const { rows } = await client.query<{ label: string }>('select labelfile as label from pg_backup_stop()');
    for (const file of ['postmaster.pid', 'postmaster.opts']) rmSync(path.join(cluster, file), { force: true });
    const log = path.join(cluster, 'pg_wal');
    for (const file of readdirSync(log)) rmSync(path.join(log, file), { recursive: true });
    const { uid, gid } = statSync(path.join(cluster, 'PG_VERSION'));
    for (const [name, text] of [
      ['backup_label', rows[0]?.label ?? ''],
      ['standby.signal', ''],
    ] as const) {
      const file = path.join(cluster, name);
      writeFileSync(file, text, { mode: 0o600 });
      chownSync(file, uid, gid);
    }
  });
}

/** PostgreSQL may remove files during the copy. The standby repairs the copy from the write-ahead log. */
function copy(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true });
  const { stderr, status } = spawnSync('cp', ['-a', from, to], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
  });
  const problems = stderr.split('\n').filter((line) => line !== '' && !line.endsWith('No such file or directory'));
  if (status !== 0 && problems.length > 0) throw new Error(`the files could not be copied: ${stderr}`);
}

/** The value of `primary_conninfo`, with which a standby finds its primary. SECRET: holds a password. */
export function formatConnection({ hostname, port, username, password }: URL, name: string): string {
  return `host=${hostname} port=${port} user=${username} password=${password} application_name=${name} connect_timeout=2`;
}

/**
 * Makes each commit of a primary wait until one of these standbys has it on its disk. Waits until one of them also has
 * everything that was committed before.
 * @param url SECRET: the URL of the primary, as a superuser
 * @param names of standbys: each is an `application_name` of `formatConnection`
 */
export async function requireStandbys(url: string, names: readonly string[]): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`alter system set synchronous_standby_names = 'any 1 (${names.join(', ')})'`);
    await client.query('select pg_reload_conf()');
  });
  await waitUntilSent(url, 'quorum');
}

/**
 * Waits until a standby has everything that is committed now.
 * @param url SECRET: the URL of the primary, as a superuser
 */
export async function waitUntilSent(url: string, kind: 'quorum' | 'async'): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ position: string }>('select pg_current_wal_lsn()::text as position');
    const isSent = async () => {
      const complete = await client.query(
        `select from pg_stat_replication where sync_state = $1 and state = 'streaming' and flush_lsn >= $2::pg_lsn`,
        [kind, rows[0]?.position],
      );
      return complete.rowCount !== 0;
    };
    await waitUntil(isSent, 'a standby has everything', 60_000);
  });
}

/** Runs one statement on its own connection. @returns its rows */
export async function ask<Row extends pg.QueryResultRow>(url: string, statement: string): Promise<readonly Row[]> {
  return withClient(url, async (client) => (await client.query<Row>(statement)).rows);
}

async function withClient<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
