import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConfigurationError, isError } from '@aipassport/contracts';
import type pg from 'pg';
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
 * Checks on a new connection that its database is not older than the mark in the file. The connection may lead to
 * another database than the last one: to a standby that has become the primary and lacks the latest changes. No
 * statement of a request may run there.
 *
 * @throws DatabaseRestored when the database is older
 */
export async function requireMark(client: pg.ClientBase, file: string): Promise<void> {
  // A disk that does not answer says nothing about the database.
  const mark = await readMark(file).catch(() => undefined);
  if (mark === undefined || mark.known === 0n) return; // a new file: this server has not seen the database before
  try {
    const { rows } = await client.query('select from move_restore_mark($1, $2, $3)', [
      mark.name,
      mark.known,
      mark.runs,
    ]);
    if (rows.length === 0) throw new DatabaseRestored();
  } catch (error) {
    // The database is not migrated yet. Then it serves no requests either.
    if (readSqlState(error) !== undefinedFunction) throw error;
  }
}

/** SQLSTATE: there is no such function. */
const undefinedFunction = '42883';

interface Mark {
  /** The identifier of the file. */
  readonly name: string;
  /** 0 if there is no file yet. */
  readonly known: bigint;
  /** The runs of `restored` that the server has seen. If the database has another one, `restored` has run since. */
  readonly runs: readonly string[];
}

/** @throws ConfigurationError when the file cannot be read */
export async function readMark(file: string): Promise<Mark> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (readCode(error) === 'ENOENT') return `${randomUUID()} 0\n`;
    throw describeProblem(file, `cannot be read (${readCode(error)})`);
  });
  const [, name, known, runs = ''] = /^([\da-f-]{36}) (\d{1,18})((?: restored:[\da-f-]{36})*)\n$/.exec(text) ?? [];
  if (name === undefined || known === undefined) throw describeProblem(file, 'was not written by a server');
  return { name, known: BigInt(known), runs: runs.split(' ').filter((run) => run !== '') };
}

/** The code of an error of the file system, for a message. */
export function readCode(error: unknown): string {
  return isError(error) && 'code' in error ? String(error.code) : 'unknown';
}

/** A problem with the file, which the operator has to solve. In the directory of a journal, the file is `mark`. */
export function describeProblem(file: string, problem: string): ConfigurationError {
  return new ConfigurationError(`configuration: RESTORE_MARK_FILE or JOURNAL_DIRECTORY: ${file} ${problem}`);
}
