import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { moveRestoreMark } from '../database/restore-mark.js';
import type { JournalPlace } from './journal-place.js';

/**
 * Writes three things next to a journal: when a server last saw the database, the database's mark, and the journal's
 * position in the database. With them, a reader of the journal can tell whether the end of the journal is missing.
 * @throws DatabaseRestored when the database is older than when a server last saw it. Then nothing is written
 */
export async function noteDatabase(db: Database, { mark, seen }: JournalPlace): Promise<void> {
  // read before the mark is moved: at this time, the database was not restored yet
  const { rows } = await sql<{ now: bigint; position: bigint }>`
    select (extract(epoch from clock_timestamp()) * 1000000)::bigint as now, position from journal`.execute(db);
  await moveRestoreMark(db, mark);
  await seen.replace(`${rows[0]?.now} ${rows[0]?.position}\n`);
}
