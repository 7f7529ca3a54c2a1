import { type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import type { Database } from '../database/open-database.js';
import type { RefusalCounts } from './refusal-counts.js';

interface Recording {
  readonly db: Database;
  readonly refusals: RefusalCounts;
  readonly log: { readonly warn: (fields: object, message: string) => void };
  /** What else is done every ten seconds. */
  readonly afterwards?: (db: Database) => Promise<unknown>;
}

const intervalMilliseconds = 10_000;

/** Adds the refusals of one server to the counts of all servers, every ten seconds and at the end. */
export function startRecordingRefusals({ db, refusals, log, afterwards }: Recording): Repetition {
  const write = async (work: () => Promise<unknown>) => {
    await work().catch((error: unknown) =>
      log.warn(
        { event: 'refusals_not_recorded', err: error },
        'the counts of refusals are kept, and written at the next attempt',
      ),
    );
  };
  const repetition = repeatUntilClosed(intervalMilliseconds, () =>
    write(async () => {
      await refusals.flush(db);
      await afterwards?.(db);
    }),
  );
  return {
    close: async () => {
      await repetition.close();
      await write(() => refusals.flush(db));
    },
  };
}
