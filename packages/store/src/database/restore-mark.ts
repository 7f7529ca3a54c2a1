import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { formatArray } from './format-array.js';
import type { Database } from './open-database.js';
import { DatabaseRestored, describeProblem, readCode, readMark } from './require-mark.js';

/**
 * Moves the mark in the database, and copies it to a file outside of the database, so that this server later notices if
 * a backup was restored. The mark is committed before the file is written, so a crash in between is no sign of a
 * restore. Each server may have a file of its own; several servers may also share one. A file is known by an identifier
 * in it, so a new file does not hide a restore from the servers with other files.
 *
 * @throws DatabaseRestored when the mark in the database is lower than the one in the file. Then neither is changed
 * @throws ConfigurationError when the file cannot be read or written
 */
export async function moveRestoreMark(db: Database, file: string): Promise<void> {
  const { name, known, runs } = await readMark(file);
  const { rows } = await sql<{ at: bigint; runs: readonly string[] }>`
    select at, runs from move_restore_mark(${name}, ${known}, ${formatArray(runs)}::text[])`.execute(db);
  const [moved] = rows;
  if (moved === undefined) throw new DatabaseRestored();
  const written = [name, moved.at, ...new Set([...runs, ...moved.runs])].join(' ');
  await replaceFile(file, `${written}\n`).catch((error: unknown) => {
    throw describeProblem(file, `cannot be written (${readCode(error)})`);
  });
}

/** Notes that `restored` has run. Servers with a mark of an earlier state of the database notice it, and serve again. */
export async function noteRestored(transaction: Database): Promise<void> {
  await sql`insert into restore_marks (name, at) values ('restored:' || gen_random_uuid(), 0)`.execute(transaction);
}

/** Replaces the file. A reader finds either the old text or the new one, even after a power cut. */
export async function replaceFile(file: string, text: string): Promise<void> {
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
