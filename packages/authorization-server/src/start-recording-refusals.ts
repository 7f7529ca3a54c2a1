import { type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import { type Database, type RefusalCounts, recordRefusals } from '@aipassport/store';
import type { Logger } from 'pino';

const intervalMilliseconds = 10_000;

/**
 * Adds the refusals of this server to the counts of all servers, every ten seconds and at the end. Moves the counts of
 * ended windows to the audit log.
 */
export function startRecordingRefusals(db: Database, refusals: RefusalCounts, log: Logger): Repetition {
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
      await recordRefusals(db);
    }),
  );
  return {
    close: async () => {
      await repetition.close();
      await write(() => refusals.flush(db));
    },
  };
}
