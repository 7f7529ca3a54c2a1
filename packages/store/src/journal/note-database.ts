import path from 'node:path';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { moveRestoreMark, replaceFile } from '../database/restore-mark.js';
import { journalMark } from './journal-mark.js';

/** The file in the directory of a journal with the last time, in microseconds, at which a server saw the database. */
export const seenFile = (directory: string) => path.join(directory, 'seen');

/**
 * Notes in the directory of a journal that a server sees the database, and how far the database has come. So a reader
 * of the journal finds out whether its end is missing.
 * @throws DatabaseRestored when the database is older than it was. Then nothing is noted
 */
export async function noteDatabase(db: Database, directory: string): Promise<void> {
  // read before the mark is moved: at this time, the database was not restored yet
  const { rows } = await sql<{ now: bigint }>`
    select (extract(epoch from clock_timestamp()) * 1000000)::bigint as now`.execute(db);
  await moveRestoreMark(db, journalMark(directory));
  await replaceFile(seenFile(directory), `${rows[0]?.now}\n`);
}
