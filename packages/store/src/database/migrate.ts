import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';
import { applyRights, becomeOwner } from './apply-rights.js';

const migrationsFolder = new URL('../../../migrations/', import.meta.url);
/** One file for each function of the database: its only definition. */
const functionsFolder = new URL('../../../functions/', import.meta.url);
/** Any constant: whoever migrates holds this advisory lock, so two deployments take turns. */
const lockKey = 7_205_759_403;

/** A file with statements: a migration, or the definition of a function. */
interface SqlFile {
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

async function listFiles(folder: URL): Promise<SqlFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (file) => {
      const text = await readFile(new URL(file, folder), 'utf8');
      return { name: file.slice(0, -'.sql'.length), text, checksum: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

/**
 * Brings the database to the newest schema, all or nothing, and the rights of its roles, where it has them, to what
 * rights.sql says.
 * @returns the names of the migrations that were applied now
 * @throws SchemaError when the database holds a migration that is unknown here, or that has been edited since
 */
export async function migrate(db: Kysely<Schema>): Promise<readonly string[]> {
  const migrations = await listFiles(migrationsFolder);
  return db.transaction().execute(async (transaction) => {
    await sql`set local statement_timeout = 0`.execute(transaction);
    await sql`select pg_advisory_xact_lock(${lockKey})`.execute(transaction);
    await becomeOwner(transaction);
    await sql`create table if not exists migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now()
    )`.execute(transaction);
    const pending = comparePending(migrations, await listApplied(transaction));
    for (const { name, text, checksum } of pending) {
      await sql.raw(text).execute(transaction);
      await sql`insert into migrations (name, checksum) values (${name}, ${checksum})`.execute(transaction);
    }
    await replaceFunctions(transaction);
    await applyRights(transaction);
    return pending.map(({ name }) => name);
  });
}

/** Defines the functions whose files have changed since they were last applied. */
async function replaceFunctions(transaction: Kysely<Schema>): Promise<void> {
  await sql`create table if not exists functions (name text primary key, checksum text not null)`.execute(transaction);
  const { rows } = await sql<Applied>`select name, checksum from functions`.execute(transaction);
  const applied = new Map(rows.map(({ name, checksum }) => [name, checksum]));
  for (const { name, text, checksum } of await listFiles(functionsFolder)) {
    if (applied.get(name) === checksum) continue;
    await sql.raw(text).execute(transaction);
    await sql`
      insert into functions (name, checksum) values (${name}, ${checksum})
      on conflict (name) do update set checksum = excluded.checksum`.execute(transaction);
  }
}

/**
 * Servers call this before they listen.
 * @throws SchemaError when migrations are missing, unknown or edited
 */
export async function assertMigrated(db: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ exists: boolean }>`select to_regclass('migrations') is not null as exists`.execute(db);
  const applied = rows[0]?.exists === true ? await listApplied(db) : [];
  const [pending] = comparePending(await listFiles(migrationsFolder), applied);
  if (pending !== undefined)
    throw new SchemaError(`the database lacks migration ${pending.name}; run the migrate command first`);
}

async function listApplied(db: Kysely<Schema>): Promise<readonly Applied[]> {
  const { rows } = await sql<Applied>`select name, checksum from migrations order by name`.execute(db);
  return rows;
}

function comparePending(migrations: readonly SqlFile[], applied: readonly Applied[]): readonly SqlFile[] {
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
