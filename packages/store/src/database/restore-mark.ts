import { sql } from 'kysely';
import type { StoredText } from '../journal/stored-text.js';
import { formatArray } from './format-array.js';
import type { Database } from './open-database.js';
import { DatabaseRestored, parseMark } from './require-mark.js';

/**
 * Moves the mark in the database, and copies it to a file outside of the database, so that this server later notices if
 * a backup was restored. The mark is committed before the file is written, so a crash in between does not look like a
 * restore. Each server may have its own file, or several servers may share one. A file is known by an identifier in it,
 * so a new file does not hide a restore from the servers with other files.
 *
 * @throws DatabaseRestored when the mark in the database is lower than the one in the file. Then neither is changed
 * @throws ConfigurationError when the file cannot be read or written
 */
export async function moveRestoreMark(db: Database, mark: StoredText): Promise<void> {
  const { name, known, runs } = parseMark(mark.name, await mark.read());
  const { rows } = await sql<{ at: bigint; runs: readonly string[] }>`
    select at, runs from move_restore_mark(${name}, ${known}, ${formatArray(runs)}::text[])`.execute(db);
  const [moved] = rows;
  if (moved === undefined) throw new DatabaseRestored();
  const written = [name, moved.at, ...new Set([...runs, ...moved.runs])].join(' ');
  await mark.replace(`${written}\n`);
}

/** Notes that `restored` has run. Servers that refuse requests because of the restore notice this, and serve again. */
export async function noteRestored(transaction: Database): Promise<void> {
  await sql`insert into restore_marks (name, at) values ('restored:' || gen_random_uuid(), 0)`.execute(transaction);
}
