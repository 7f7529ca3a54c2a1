import { randomUUID } from 'node:crypto';
import { type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import { type Database, deleteExpired, listExpiringTables } from '@aipassport/store';
import type { Logger } from 'pino';

const intervalMilliseconds = 10 * 60 * 1_000;
const progressMilliseconds = 60_000;
const retrying = 'the next attempt is in ten minutes';

/**
 * Removes expired rows at the start and then every ten minutes, in short steps. Tables are cleaned separately, so that
 * a failure in one does not stop the others. Several servers may run this: the database lets only one at a time clean a
 * table.
 */
export function startCleaning(db: Database, log: Logger): Repetition {
  const worker = randomUUID();
  return repeatUntilClosed(intervalMilliseconds, async (signal) => {
    const tables = await listExpiringTables(db).catch((error: unknown) => {
      log.warn({ event: 'cleanup_failed', err: error }, retrying);
      return [];
    });
    for (const table of tables) if (!signal.aborted) await cleanTable(db, log, { table, worker, signal });
  });
}

interface TableCleaning {
  readonly table: string;
  readonly worker: string;
  readonly signal: AbortSignal;
}

/** Never rejects: a failure in one table must not stop the others. */
async function cleanTable(db: Database, log: Logger, { table, worker, signal }: TableCleaning): Promise<void> {
  let loggedAt = performance.now();
  const onStep = (removed: number) => {
    if (performance.now() - loggedAt < progressMilliseconds) return;
    loggedAt = performance.now();
    log.info({ event: 'expired_rows_being_removed', table, removed });
  };
  try {
    const removed = await deleteExpired(db, { table, worker, signal, onStep });
    if (removed > 0) log.info({ event: 'expired_rows_removed', table, removed });
  } catch (error) {
    if (!signal.aborted) log.warn({ event: 'cleanup_failed', table, err: error }, retrying);
  }
}
