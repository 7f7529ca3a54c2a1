import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { startPostgres } from '@aipassport/launcher';
import { makeStandbyDirectory } from '../support/standby.js';

/** Settings of every PostgreSQL. A standby is copied without the write-ahead log, so its primary keeps enough of it. */
export const postgresSettings = { wal_keep_size: '512MB', max_connections: '150' };

/**
 * Makes the data directories of a primary and of its standbys.
 *
 * @param directories the first one is the primary's
 * @param network the network whose hosts may connect
 * @returns SECRET: the superuser's password, which is the same for all of them
 */
export async function makeClusters(directories: readonly string[], network: string): Promise<string> {
  const [from, ...others] = directories;
  if (from === undefined) throw new Error('there is no directory');
  const postgres = await startPostgres({ directory: from, durable: true, settings: postgresSettings });
  try {
    const access = ['all', 'replication'].map((name) => `host ${name} all ${network} scram-sha-256\n`);
    appendFileSync(path.join(from, 'postgres', 'pg_hba.conf'), access.join(''));
    for (const to of others) {
      mkdirSync(to, { mode: 0o700 });
      await makeStandbyDirectory({ url: postgres.url, from, to });
    }
    return new URL(postgres.url).password;
  } finally {
    await postgres.stop();
  }
}
