import { type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import { type Database, isDatabaseUnavailable, prepareLedger } from '@aipassport/store';
import { watchClock } from '@aipassport/store/proxying';
import type { Logger } from 'pino';

/**
 * The time between two rounds of maintenance. Partitions exist for three months ahead, so the maintenance may fail for
 * weeks without harm.
 */
const intervalMilliseconds = 60_000;

/**
 * Maintains the ledger every minute. It creates the ledger's partitions ahead of time, and moves rows out of the
 * default partition. It corrects counters that are dated in the future because the database's clock was ahead. No
 * request waits for the maintenance. If it fails for months, rows are written into the default partition, and the proxy
 * continues to serve requests.
 */
export function maintainLedger(db: Database, log: Logger): Repetition {
  /**
   * An attempt fails, for example, while another database session has locked the ledger. The next attempt follows in a
   * minute.
   */
  async function attempt(work: Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (signal.aborted) return;
      const level = isDatabaseUnavailable(error) ? 'warn' : 'error';
      log[level]({ event: 'ledger_maintenance_failed', err: error }, 'it is tried again in a minute');
    }
  }

  return repeatUntilClosed(intervalMilliseconds, async (signal) => {
    await attempt(correctClock(db, log), signal);
    await attempt(prepareMonths(db, log, signal), signal);
  });
}

async function correctClock(db: Database, log: Logger): Promise<void> {
  if (!(await watchClock(db))) return;
  log.warn(
    { event: 'clock_set_back' },
    'the clock of the database was ahead: counters dated in the future were corrected',
  );
}

async function prepareMonths(db: Database, log: Logger, signal: AbortSignal): Promise<void> {
  let moves = 0;
  const onStep = (step: 'moving' | 'made') => {
    if (step === 'made') log.info({ event: 'ledger_month_made' });
    else if (moves++ === 0)
      log.warn(
        { event: 'ledger_rows_being_moved' },
        'rows that were written while their month had no partition are moved',
      );
  };
  await prepareLedger(db, { signal, onStep });
  if (moves > 0) log.info({ event: 'ledger_rows_moved' });
}
