import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';
import { applyRights, becomeOwner } from './apply-rights.js';
import { listLockedTables, lockTables } from './lock-tables.js';
import { type MigrateOptions, type MigrationSession, withMigrationSession } from './migration-session.js';
import { listChangedFunctions, planSteps, type Step } from './plan-steps.js';
import { retryWhileLocked } from './retry-while-locked.js';
import {
  compareSchemas,
  createRecord,
  readRecord,
  recordFunction,
  recordMigration,
  SchemaError,
  type SchemaRecord,
} from './schema-record.js';
import { listBridges, listFunctions, listMigrations, type Migration, release, type SqlFile } from './sql-files.js';

export type { MigrateOptions } from './migration-session.js';
export { SchemaError } from './schema-record.js';

/**
 * While a migration waits for a lock on a table, every request that uses the table waits behind it. A proxy cancels its
 * own statements after 1.5 s. So a migration stops waiting long before that, and tries again later.
 */
const maxLockWaitMilliseconds = 500;
/**
 * The pause after the bridges are built. It is longer than any function call that began before the bridges were built:
 * a proxy cancels a call after 1.5 s.
 */
const bridgeMilliseconds = 2_000;

/** The folders with the files. Tests have their own. */
export interface SchemaFolders {
  readonly migrations: URL;
  readonly functions: URL;
  readonly bridges?: URL;
}

/**
 * Brings the database to the schema of this release. A step that cannot get its locks soon is retried until it gets
 * them, or until the signal is aborted. The servers continue to serve meanwhile. Concurrent deployments take turns.
 *
 * All pending migrations, the functions and the roles' rights are one transaction. So no server sees a new table
 * together with an old function, or a function that it may not call. A migration can ask in its header for a
 * transaction of its own, or for none.
 *
 * @param db has at least two connections
 * @returns the names of the migrations that this call applied
 * @throws SchemaError when this release does not work after a migration that the database has, or a file has been
 * edited
 * @throws the signal's reason
 */
export async function migrate(
  db: Kysely<Schema>,
  options: MigrateOptions = {},
  folders?: SchemaFolders,
): Promise<readonly string[]> {
  const migrations = await listMigrations(folders?.migrations);
  const functions = await listFunctions(folders?.functions);
  return withMigrationSession(db, options, async (session) => {
    await retryWhileLocked(session, { names: 'the record of migrations' }, () => inTransaction(session, createRecord));
    const record = await readRecord(session.connection);
    const { pending, isNewer } = compareSchemas(migrations, record);
    if (isNewer) session.report('The database has been migrated by a newer version, which this one can work with.');
    const changed = listChangedFunctions(functions, record, isNewer);
    for (const { name, neededRelease } of pending)
      if (neededRelease !== undefined && neededRelease > 1)
        // there are no servers of an earlier release
        session.report(
          `${name}: servers older than release ${neededRelease} cannot serve after this, and you cannot go back to them.`,
        );
    if (pending.length > 0) await buildBridges(session, await listBridges(folders?.bridges), record);
    for (const step of planSteps(pending, changed, !isNewer)) await takeStep(session, step);
    return pending.map(({ name }) => name);
  });
}

/**
 * Replaces functions of the previous release with bridges before a migration. A call that begins before the migration
 * continues after it with the old function and the new table, and some old functions would fail. The last step replaces
 * the bridges with the functions of this release.
 */
async function buildBridges(
  session: MigrationSession,
  bridges: readonly SqlFile[],
  record: SchemaRecord,
): Promise<void> {
  const isEmpty = record.migrations.length === 0;
  const current = new Set(record.functions.filter((each) => each.release >= release).map(({ name }) => name));
  const needed = bridges.filter(({ name }) => !isEmpty && !current.has(name));
  if (needed.length === 0) return;
  await retryWhileLocked(session, { names: needed.map(({ name }) => name).join(', ') }, () =>
    inTransaction(session, async (transaction) => {
      for (const file of needed) await run(transaction, file);
    }),
  );
  await sleep(bridgeMilliseconds, undefined, { signal: session.signal }).catch(() => undefined);
}

async function takeStep(session: MigrationSession, { migrations, functions, hasRights }: Step): Promise<void> {
  const names = [...migrations, ...functions].map(({ name }) => name).join(', ') || 'the rights of the roles';
  const [first] = migrations;
  if (first?.concurrentIndex !== undefined) {
    const index = first.concurrentIndex;
    // Building the index waits for open transactions, but no request waits for it.
    return retryWhileLocked(session, { names }, () => buildIndex(session, first, index));
  }
  // A long step waits for many rows that other statements lock briefly, so the total of its waits has no limit.
  const maxWaitMilliseconds = first?.isAlone === true ? undefined : maxLockWaitMilliseconds;
  await retryWhileLocked(session, { names, maxWaitMilliseconds }, () =>
    inTransaction(session, async (transaction) => {
      await lockTables(
        transaction,
        migrations.flatMap(({ text }) => listLockedTables(text)),
      );
      for (const migration of migrations) {
        await run(transaction, migration);
        await recordMigration(transaction, migration);
      }
      for (const file of functions) {
        await run(transaction, file);
        await recordFunction(transaction, file);
      }
      if (hasRights) await applyRights(transaction);
      if (migrations.length > 0)
        await session.onApplied(
          transaction,
          migrations.map(({ name }) => name),
        );
    }),
  );
}

/** @throws the database's error, with the name of the file */
async function run(db: Kysely<Schema>, { name, text }: SqlFile): Promise<void> {
  try {
    await sql.raw(text).execute(db);
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { message: `${name}: ${error.message}` }) : error;
  }
}

function inTransaction(
  { connection }: MigrationSession,
  work: (transaction: Kysely<Schema>) => Promise<void>,
): Promise<void> {
  return connection.transaction().execute(async (transaction) => {
    await sql.raw(`set local lock_timeout = ${maxLockWaitMilliseconds}`).execute(transaction);
    await becomeOwner(transaction);
    await work(transaction);
  });
}

/** Builds an index concurrently. An interrupted build leaves an invalid index, which is dropped and built again. */
async function buildIndex(
  { connection, onApplied }: MigrationSession,
  migration: Migration,
  index: string,
): Promise<void> {
  const { rows } = await sql<{ valid: boolean }>`
    select indisvalid as valid from pg_index where indexrelid = to_regclass(${index})`.execute(connection);
  if (rows[0]?.valid === false) await sql`drop index concurrently ${sql.ref(index)}`.execute(connection);
  if (rows[0]?.valid !== true) await run(connection, migration);
  await connection.transaction().execute(async (transaction) => {
    await recordMigration(transaction, migration);
    await onApplied(transaction, [migration.name]);
  });
}

/**
 * Servers call this before they serve. A database of a newer release is accepted, unless that release has removed
 * something that this release uses.
 * @throws SchemaError when something is missing, edited, or needs a newer release
 */
export async function assertMigrated(db: Kysely<Schema>): Promise<void> {
  const record = await readRecord(db);
  const [lacking] = compareSchemas(await listMigrations(), record).pending;
  if (lacking !== undefined) throw new SchemaError(describeLack(`migration ${lacking.name}`));
  const defined = new Map(record.functions.map((applied) => [applied.name, applied.release]));
  const missing = (await listFunctions()).find(({ name }) => (defined.get(name) ?? 0) < release);
  if (missing !== undefined) throw new SchemaError(describeLack(`the function ${missing.name}`));
}

function describeLack(what: string): string {
  return `the database lacks ${what} of release ${release}; run the migrate command of this release first`;
}
