import { noRepetition, type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import type { JournalPlace } from './journal-place.js';
import { JournalProgress, maxSecondsBetweenBatches } from './journal-progress.js';
import { noteDatabase } from './note-database.js';

const intervalMilliseconds = 5_000;

/** Public: health answers and the log show it. */
const behindMessage = 'the journal is not being written: see the log of the authorization servers';

export interface JournalWatch extends Repetition {
  /**
   * Why every request must be refused: what happens now would be missing after a restore. Public. Undefined: requests
   * may be served.
   */
  readonly findProblem: () => string | undefined;
  /** The seconds since this server last found a new batch; undefined without a journal, or before its first batch. */
  readonly readAgeSeconds: () => number | undefined;
}

interface WatchOptions {
  readonly db: Database;
  /** Undefined: nothing is watched. */
  readonly place: JournalPlace | undefined;
  readonly log: { readonly error: (line: object, text: string) => void };
}

/** Notes that this server sees the database, and notices that no server writes the journal. */
export function watchJournal({ db, place, log }: WatchOptions): JournalWatch {
  let isBehind = false;
  const progress = new JournalProgress();
  const check = async (watched: JournalPlace) => {
    await noteDatabase(db, watched).catch(() => undefined); // `watchRestoreMark` reports the same problems
    // an outage of the database says nothing about the journal
    const is = await readIsBehind(db, progress).catch(() => isBehind);
    if (is && !isBehind) log.error({ event: 'journal_behind' }, 'see “The journal” in docs/operations.md');
    isBehind = is;
  };
  const checking = place === undefined ? noRepetition : repeatUntilClosed(intervalMilliseconds, () => check(place));
  return {
    close: checking.close,
    findProblem: () => (isBehind ? behindMessage : undefined),
    readAgeSeconds: () => progress.readAgeSeconds(performance.now()),
  };
}

/** Whether the last batch is old. A journal that has not begun is not behind. */
async function readIsBehind(db: Database, progress: JournalProgress): Promise<boolean> {
  const { rows } = await sql<{ position: bigint; isOld: boolean }>`
    select position, position < (extract(epoch from clock_timestamp()) - ${maxSecondsBetweenBatches}) * 1000000 as "isOld"
    from journal where position > 0`.execute(db);
  return rows.some(({ position, isOld }) => progress.hasStopped(position, performance.now()) || isOld);
}
