import { noRepetition, type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import { type Database, JournalWriter } from '@aipassport/store';
import type { Logger } from 'pino';
import type { Configuration } from './configuration.js';
import type { AuthorizationMetrics } from './metrics/authorization-metrics.js';

const intervalMilliseconds = 1_000;
/** A problem is logged at most this often. */
const reportMilliseconds = 60_000;

export interface Journal {
  /** Writes the first batch, so that a journal that cannot be written is noticed before requests are served. */
  readonly begin: () => Promise<void>;
  /** Writes a batch every second. Several servers may do this: the database lets one of them write. */
  readonly start: () => Repetition;
}

interface JournalWatchers {
  readonly log: Logger;
  readonly metrics: Pick<AuthorizationMetrics, 'journalBytes' | 'journalFailures'>;
}

/** If no journal is configured, the functions that this returns do nothing. */
export function openJournal(
  db: Database,
  { journal: place, auditKeys }: Pick<Configuration, 'journal' | 'auditKeys'>,
  { log, metrics }: JournalWatchers,
): Journal {
  if (place === undefined || auditKeys === undefined)
    return { begin: () => Promise.resolve(), start: () => noRepetition };
  const writer = new JournalWriter({
    db,
    place,
    key: auditKeys[0],
    onBatch: (bytes) => metrics.journalBytes.inc({}, bytes),
  });
  let reportedAt = Number.NEGATIVE_INFINITY;
  const write = async (isLast = false) => {
    try {
      await writer.write(isLast);
    } catch (error) {
      metrics.journalFailures.inc({});
      if (performance.now() - reportedAt < reportMilliseconds) return;
      reportedAt = performance.now();
      log.error({ event: 'journal_not_written', err: error }, 'see “The journal” in docs/operations.md');
    }
  };
  return {
    begin: async () => {
      await writer.write();
    },
    start: () => {
      const writing = repeatUntilClosed(intervalMilliseconds, () => write());
      const close = async () => {
        await writing.close();
        await write(true);
        await writer.close();
      };
      return { close };
    },
  };
}
