import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';
import { type Migration, release, type SqlFile } from './sql-files.js';

/**
 * What a database records about its schema, in three tables:
 *
 * - `migrations`: 0001 to 0007. Release 1 refuses a database when a name in this table is unknown to it. So a newer
 *   migration is recorded here only if release 1 cannot work after it.
 * - `schema_migrations`: all later migrations, each with the oldest release that works after it.
 * - `functions`: the checksum of each function's definition, and the release that defined it.
 */
const lastOfRelease1 = '0007';

/** Thrown when this program cannot work with the database's schema. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
  /** The oldest release that works after the migration; null when every release does, or when this is not recorded. */
  readonly needed_release: number | null;
  /** Whether the migration is recorded in `schema_migrations`, which release 1 does not write. */
  readonly is_in_schema_migrations: boolean;
}

export interface AppliedFunction {
  readonly name: string;
  readonly checksum: string;
  readonly release: number;
}

/** The recorded state. It is empty for a database that was never migrated. */
export interface SchemaRecord {
  readonly migrations: readonly AppliedMigration[];
  readonly functions: readonly AppliedFunction[];
}

/** The pending work on a database. */
export interface Comparison {
  readonly pending: readonly Migration[];
  /** A newer, compatible release has migrated the database. The functions in the database must then stay unchanged. */
  readonly isNewer: boolean;
}

/** Creates the missing tables and columns. If all exist, it takes no lock that conflicts with a backup. */
export async function createRecord(db: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ is_there: boolean }>`
    select to_regclass('migrations') is not null and to_regclass('schema_migrations') is not null and exists (
      select from pg_attribute where attrelid = to_regclass('functions') and attname = 'release') as is_there`.execute(
    db,
  );
  if (rows[0]?.is_there === true) return;
  await sql`
    create table if not exists migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now());
    create table if not exists schema_migrations (
      name text primary key, checksum text not null, needed_release integer,
      applied_at timestamptz not null default now());
    create table if not exists functions (name text primary key, checksum text not null);
    alter table functions add column if not exists release integer not null default 0`.execute(db);
}

export async function readRecord(db: Kysely<Schema>): Promise<SchemaRecord> {
  const { rows } = await sql<{ has_migrations: boolean; has_own: boolean }>`
    select to_regclass('migrations') is not null as has_migrations,
      to_regclass('schema_migrations') is not null as has_own`.execute(db);
  if (rows[0]?.has_migrations !== true) return { migrations: [], functions: [] };
  if (!rows[0].has_own) {
    const { rows: migrations } = await sql<AppliedMigration>`
      select name, checksum, null::integer as needed_release, false as is_in_schema_migrations from migrations`.execute(
      db,
    );
    return { migrations, functions: [] };
  }
  const { rows: migrations } = await sql<AppliedMigration>`
    select coalesce(s.name, m.name) as name, coalesce(s.checksum, m.checksum) as checksum, s.needed_release,
      s.name is not null as is_in_schema_migrations
    from migrations m full join schema_migrations s on s.name = m.name order by 1`.execute(db);
  const { rows: functions } = await sql<AppliedFunction>`
    select name, checksum, release from functions`.execute(db);
  return { migrations, functions };
}

export async function recordMigration(db: Kysely<Schema>, { name, checksum, neededRelease }: Migration): Promise<void> {
  const isOfRelease1 = name.slice(0, lastOfRelease1.length) <= lastOfRelease1;
  if (!isOfRelease1)
    await sql`
      insert into schema_migrations (name, checksum, needed_release)
      values (${name}, ${checksum}, ${neededRelease ?? null})`.execute(db);
  if (isOfRelease1 || (neededRelease ?? 1) > 1)
    await sql`insert into migrations (name, checksum) values (${name}, ${checksum})`.execute(db);
}

export async function recordFunction(db: Kysely<Schema>, { name, checksum }: SqlFile): Promise<void> {
  await sql`
    insert into functions (name, checksum, release) values (${name}, ${checksum}, ${release})
    on conflict (name) do update set checksum = excluded.checksum, release = excluded.release`.execute(db);
}

/**
 * Compares the recorded state with the files of this program.
 *
 * @throws SchemaError when this program cannot work after a migration that it does not know, or when one that it does
 *   know was edited
 */
export function compareSchemas(known: readonly Migration[], { migrations, functions }: SchemaRecord): Comparison {
  const byName = new Map(known.map((migration) => [migration.name, migration]));
  let isNewer = functions.some((applied) => applied.release > release);
  for (const {
    name,
    checksum,
    needed_release: neededRelease,
    is_in_schema_migrations: isInSchemaMigrations,
  } of migrations) {
    const migration = byName.get(name);
    if (migration === undefined) {
      if (!isInSchemaMigrations)
        throw new SchemaError(
          `the database holds migration ${name}, which release ${release} does not know; start a newer release`,
        );
      if (neededRelease !== null && neededRelease > release)
        throw new SchemaError(
          `the database holds migration ${name}, which needs release ${neededRelease} or a newer one; this is release ${release}`,
        );
      isNewer = true;
    } else if (migration.checksum !== checksum) {
      throw new SchemaError(`migration ${name} was changed after it was applied; restore the file`);
    }
  }
  const done = new Set(migrations.map(({ name }) => name));
  return { pending: known.filter(({ name }) => !done.has(name)), isNewer };
}
