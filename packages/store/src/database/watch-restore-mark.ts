import { noRepetition, type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import type { StoredText } from '../journal/stored-text.js';
import type { Database } from './open-database.js';
import { DatabaseRestored } from './require-mark.js';
import { moveRestoreMark } from './restore-mark.js';

/** A restore that loses less than this time may stay unnoticed. */
const intervalMilliseconds = 5_000;

export interface RestoreWatch extends Repetition {
  /** Whether the database lacks what this server has seen in it. Then every request must be refused. */
  readonly isRestored: () => boolean;
  /** Checks now, without waiting for the next interval. Call it before an act that another system would notice. */
  readonly look: () => Promise<boolean>;
}

interface WatchOptions {
  readonly db: Database;
  /** Undefined: nothing is watched. */
  readonly mark: StoredText | undefined;
  readonly log: { readonly error: (line: object, text: string) => void };
}

/** Notices while a server runs that its database was replaced by an older one. */
export function watchRestoreMark({ db, mark, log }: WatchOptions): RestoreWatch {
  let problem: string | undefined;
  let isRestored = false;
  const report = (error: unknown) => {
    if (problem === String(error)) return;
    problem = String(error);
    const event = error instanceof DatabaseRestored ? 'database_restored' : 'restore_mark_not_moved';
    log.error({ event, err: error }, 'see “After a restore” in docs/operations.md');
  };
  const move = async (marked: StoredText) => {
    try {
      await moveRestoreMark(db, marked);
      isRestored = false;
      problem = undefined;
    } catch (error) {
      // an outage of the database or of the file’s disk says nothing about a restore
      isRestored ||= error instanceof DatabaseRestored;
      report(error);
    }
  };
  const look = async () => {
    if (mark !== undefined) await move(mark);
    return isRestored;
  };
  const moving = mark === undefined ? noRepetition : repeatUntilClosed(intervalMilliseconds, () => move(mark));
  return { close: moving.close, isRestored: () => isRestored, look };
}
