import { totalmem } from 'node:os';
import path from 'node:path';
import { startPostgres } from '@aipassport/launcher';
import { type Database, migrate, openDatabase } from '@aipassport/store';
import { sql } from 'kysely';
import type { Rig } from '../rig/open-rig.js';

/**
 * By default PostgreSQL keeps 128 MB of a database in memory. The manual recommends a quarter of the machine's memory
 * (section 19.4.1).
 */
const settings = { shared_buffers: `${Math.floor(totalmem() / 4 / 2 ** 20)}MB`, max_wal_size: '4GB' };

/**
 * A PostgreSQL server for the benchmark alone, with the default durability. It runs on the core `Placement.others`.
 */
export interface DatabaseServer {
  readonly pid: number;
  /** Returns the lines that the server wrote to its log since the last call. */
  readonly takeLog: () => readonly string[];
  /** Makes a database that has the schema. */
  readonly createDatabase: (name: string) => Promise<BenchmarkDatabase>;
}

export interface BenchmarkDatabase {
  readonly name: string;
  /** SECRET: contains a password. */
  readonly url: string;
  readonly db: Database;
}

export async function startDatabaseServer({ directory, closing }: Rig): Promise<DatabaseServer> {
  const lines: string[] = [];
  const postgres = await startPostgres({
    directory: path.join(directory, 'database'),
    durable: true,
    settings,
    log: (line) => lines.push(line),
  });
  closing.push(() => postgres.stop());
  const open = (url: string) => {
    const db = openDatabase({
      url,
      applicationName: 'benchmark',
      maxConnections: 4,
      statementTimeoutMilliseconds: 3_600_000,
    });
    closing.push(() => db.destroy());
    return db;
  };
  const server = open(postgres.url);
  return {
    pid: postgres.pid,
    takeLog: () => lines.splice(0),
    createDatabase: async (name) => {
      await sql`create database ${sql.id(name)}`.execute(server);
      const url = new URL(postgres.url);
      url.pathname = `/${name}`;
      const db = open(url.href);
      await migrate(db);
      return { name, url: url.href, db };
    },
  };
}
