import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';

export interface MigrateOptions {
  /**
   * Ends the migration. The current statement is cancelled in the database too, so that it does not stay in a lock
   * queue.
   */
  readonly signal?: AbortSignal | undefined;
  /** Called with messages about the progress and the waiting. */
  readonly report?: ((line: string) => void) | undefined;
  /**
   * Called with the names of the migrations of each transaction, in that transaction. If it throws, they are not
   * applied.
   */
  readonly onApplied?: ((transaction: Kysely<Schema>, names: readonly string[]) => Promise<void>) | undefined;
}

/** The session of the one migrator that works on the database. */
export interface MigrationSession {
  /** One connection. Its statements have no time limit. */
  readonly connection: Kysely<Schema>;
  /** A pool with other connections. */
  readonly db: Kysely<Schema>;
  /** The process id of the connection's backend. */
  readonly pid: number;
  readonly signal: AbortSignal | undefined;
  readonly report: (line: string) => void;
  readonly onApplied: NonNullable<MigrateOptions['onApplied']>;
}

/** The key of the advisory lock that lets one migrator work at a time: an arbitrary constant. Release 1 uses it too. */
const lockKey = 7_205_759_403;
const turnMilliseconds = 500;
const cancelMilliseconds = 200;

/** Makes PostgreSQL cancel the statements of a client that is gone, even if its machine vanished. */
const endsWithItsClient = [
  ['client_connection_check_interval', '1s'],
  ['tcp_keepalives_idle', '10'],
  ['tcp_keepalives_interval', '5'],
  ['tcp_keepalives_count', '3'],
] as const;

/**
 * Waits until no other migrator works on the database, and then does the work on one connection.
 *
 * @param db has at least two connections
 * @throws the signal's reason, once the current statement has been cancelled
 */
export async function withMigrationSession<Result>(
  db: Kysely<Schema>,
  { signal, report = () => undefined, onApplied = async () => undefined }: MigrateOptions,
  work: (session: MigrationSession) => Promise<Result>,
): Promise<Result> {
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(connection);
    const session = { connection, db, pid: rows[0]?.pid ?? 0, signal, report, onApplied };
    const stopCancelling = cancelOnAbort(session);
    try {
      await sql`set statement_timeout = 0`.execute(connection);
      // a setting that this PostgreSQL does not support is left out
      for (const [name, value] of endsWithItsClient)
        await sql`select set_config(${name}, ${value}, false)`.execute(connection).catch(() => undefined);
      await takeTurn(session);
      return await work(session);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      stopCancelling();
      // if the connection is gone, PostgreSQL has released the lock
      await sql
        .raw(`select pg_advisory_unlock(${lockKey}); reset all`)
        .execute(connection)
        .catch(() => undefined);
    }
  });
}

/** A statement may be sent just after a cancellation, so the cancellation is repeated until the work has ended. */
function cancelOnAbort({ db, pid, signal }: MigrationSession): () => void {
  let timer: NodeJS.Timeout | undefined;
  const cancel = () => void sql`select pg_cancel_backend(${pid})`.execute(db).catch(() => undefined);
  const begin = () => {
    cancel();
    timer = setInterval(cancel, cancelMilliseconds);
  };
  if (signal?.aborted) begin();
  else signal?.addEventListener('abort', begin, { once: true });
  return () => {
    signal?.removeEventListener('abort', begin);
    clearInterval(timer);
  };
}

/** Polls for the lock. A statement that waits for the lock would keep waiting after its migrator was killed. */
async function takeTurn({ connection, signal, report }: MigrationSession): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_lock(${lockKey}) as taken`.execute(
      connection,
    );
    if (rows[0]?.taken === true) return;
    if (attempt % 20 === 1) report(`Waiting for another migration of this database (${await findOther(connection)}).`);
    await sleep(turnMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

async function findOther(connection: Kysely<Schema>): Promise<string> {
  const { rows } = await sql<{ pid: number }>`
    select pid from pg_locks where locktype = 'advisory' and granted and objsubid = 1
      and (classid::bigint << 32) + objid::bigint = ${lockKey}
      and database = (select oid from pg_database where datname = current_database())`.execute(connection);
  return rows[0] === undefined ? 'it has just ended' : `process ${rows[0].pid} of the server`;
}
