import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { describeProblem, type StoredText } from '../journal/stored-text.js';
import { readSqlState } from './sql-state.js';

/** Public: health answers and the log show it. */
export const restoredMessage =
  'the database is older than when this server last saw it: a backup was probably restored; run `aipassport restored`';

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
export async function requireMark(client: pg.ClientBase, stored: StoredText): Promise<void> {
  // A file that cannot be read says nothing about the database, so the connection is not refused.
  const mark = await stored
    .recall()
    .then((text) => parseMark(stored.name, text))
    .catch(() => undefined);
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

/** @throws ConfigurationError when the text is not a mark */
export function parseMark(place: string, text = `${randomUUID()} 0\n`): Mark {
  const [, name, known, runs = ''] = /^([\da-f-]{36}) (\d{1,18})((?: restored:[\da-f-]{36})*)\n$/.exec(text) ?? [];
  if (name === undefined || known === undefined) throw describeProblem(place, 'was not written by a server');
  return { name, known: BigInt(known), runs: runs.split(' ').filter((run) => run !== '') };
}
