import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';

const folder = new URL('../../../migrations/', import.meta.url);
/** Any constant: whoever migrates holds this advisory lock, so two deployments take turns. */
const lockKey = 7_205_759_403;

interface Migration {
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

interface Applied {
  readonly name: string;
  readonly checksum: string;
}

/** The database is not of the version that this program was built for. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

async function listMigrations(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (file) => {
      const text = await readFile(new URL(file, folder), 'utf8');
      return { name: file.slice(0, -'.sql'.length), text, checksum: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

/**
 * Brings the database to the newest schema, all or nothing.
 * @returns the names of the migrations that were applied now
 * @throws SchemaError when the database holds a migration that is unknown here, or that has been edited since
 */
export async function migrate(db: Kysely<Schema>): Promise<readonly string[]> {
  const migrations = await listMigrations();
  return db.transaction().execute(async (transaction) => {
    await sql`set local statement_timeout = 0`.execute(transaction);
    await sql`select pg_advisory_xact_lock(${lockKey})`.execute(transaction);
    await sql`create table if not exists migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now()
    )`.execute(transaction);
    const pending = comparePending(migrations, await listApplied(transaction));
    for (const { name, text, checksum } of pending) {
      await sql.raw(text).execute(transaction);
      await sql`insert into migrations (name, checksum) values (${name}, ${checksum})`.execute(transaction);
    }
    return pending.map(({ name }) => name);
  });
}

/**
 * Servers call this before they listen.
 * @throws SchemaError when migrations are missing, unknown or edited
 */
export async function assertMigrated(db: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ exists: boolean }>`select to_regclass('migrations') is not null as exists`.execute(db);
  const applied = rows[0]?.exists === true ? await listApplied(db) : [];
  const [pending] = comparePending(await listMigrations(), applied);
  if (pending !== undefined)
    throw new SchemaError(`the database lacks migration ${pending.name}; run the migrate command first`);
}

async function listApplied(db: Kysely<Schema>): Promise<readonly Applied[]> {
  const { rows } = await sql<Applied>`select name, checksum from migrations order by name`.execute(db);
  return rows;
}

function comparePending(migrations: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum } of applied) {
    const migration = known.get(name);
    if (migration === undefined)
      throw new SchemaError(
        `the database holds migration ${name}, which this version does not know; start a newer version`,
      );
    if (migration.checksum !== checksum)
      throw new SchemaError(`migration ${name} was changed after it was applied; restore the file`);
  }
  const done = new Set(applied.map(({ name }) => name));
  return migrations.filter(({ name }) => !done.has(name));
}
