import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ConfigurationError, isError } from '@aipassport/contracts';
import { sql } from 'kysely';
import type pg from 'pg';
import type { Database } from './open-database.js';
import { readSqlState } from './sql-state.js';

/** Public: health answers and the log show it. */
export const restoredMessage =
  'the database is older than it was, as after the restore of a backup; run `aipassport restored`';

/** The database lacks what a server has seen in it before. The message is public. */
export class DatabaseRestored extends Error {
  override readonly name = 'DatabaseRestored';
  constructor() {
    super(restoredMessage);
  }
}

/**
 * Moves the mark in the database, and copies it to a file outside of the database, so that this server later notices if
 * a backup was restored. The mark is committed before the file is written, so a crash in between is no sign of a restore.
 * Each server may have a file of its own; several servers may also share one. A file is known by an identifier in it, so
 * a new file does not hide a restore from the servers with other files.
 *
 * @throws DatabaseRestored when the mark in the database is lower than the one in the file. Then neither is changed
 * @throws ConfigurationError when the file cannot be read or written
 */
export async function moveRestoreMark(db: Database, file: string): Promise<void> {
  const { name, known } = await readMark(file);
  const { rows } = await sql<{ at: bigint | null }>`select move_restore_mark(${name}, ${known}) as at`.execute(db);
  const at = rows[0]?.at ?? undefined;
  if (at === undefined) throw new DatabaseRestored();
  await writeMark(file, `${name} ${at}\n`).catch((error: unknown) => {
    throw describeProblem(`the file cannot be written (${readCode(error)})`);
  });
}

/**
 * Checks on a new connection that its database is not older than the mark in the file. The connection may lead to another
 * database than the last one: to a standby that has become the primary and lacks the latest changes. No statement of a
 * request may run there.
 *
 * @throws DatabaseRestored when the database is older
 */
export async function requireMark(client: pg.ClientBase, file: string): Promise<void> {
  const { name, known } = await readMark(file);
  if (known === 0n) return; // the file is new, so this server has not seen the database before
  try {
    const { rows } = await client.query<{ at: unknown }>('select move_restore_mark($1, $2) as at', [name, known]);
    if (rows[0]?.at === null) throw new DatabaseRestored();
  } catch (error) {
    // The database is not migrated yet. Then it serves no requests either.
    if (readSqlState(error) !== undefinedFunction) throw error;
  }
}

const undefinedFunction = '42883';

async function readMark(file: string): Promise<{ readonly name: string; readonly known: bigint }> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (readCode(error) === 'ENOENT') return `${randomUUID()} 0\n`;
    throw describeProblem(`the file cannot be read (${readCode(error)})`);
  });
  const [, name, known] = /^([\da-f-]{36}) (\d{1,18})\n$/.exec(text) ?? [];
  if (name === undefined || known === undefined) throw describeProblem('the file was not written by a server');
  return { name, known: BigInt(known) };
}

/** Replaces the file. A reader finds either the old mark or the new one, even after a power cut. */
async function writeMark(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await withSynced(unfinished, 'wx', (handle) => handle.writeFile(text));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await withSynced(path.dirname(file), 'r'); // the file’s name
}

/** Opens a file or a directory, and makes its content survive a power cut. */
async function withSynced(name: string, flags: string, write?: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(name, flags);
  try {
    await write?.(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function readCode(error: unknown): string {
  return isError(error) && 'code' in error ? String(error.code) : 'unknown';
}

function describeProblem(problem: string): ConfigurationError {
  return new ConfigurationError(`configuration: RESTORE_MARK_FILE: ${problem}`);
}
