import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';

export interface MigrateOptions {
  /** Ends it: the statement under way is cancelled at the server too, and nothing stays queued there. */
  readonly signal?: AbortSignal | undefined;
  /** Told, for people, what is done and what is waited for. */
  readonly report?: ((line: string) => void) | undefined;
}

/** The turn of one migrator: no other one works on this database at the same time. */
export interface MigrationSession {
  /** One connection, without a limit of time for its statements. */
  readonly connection: Kysely<Schema>;
  /** Other connections. */
  readonly db: Kysely<Schema>;
  /** The number of the connection's process at the server. */
  readonly pid: number;
  readonly signal: AbortSignal | undefined;
  readonly report: (line: string) => void;
}

/** Any constant. Release 1 takes the same one, for its transaction. */
const lockKey = 7_205_759_403;
const turnMilliseconds = 500;
const cancelMilliseconds = 200;

/** The server ends what a client that is gone had begun, also where its machine went away without a word. */
const endsWithItsClient = [
  ['client_connection_check_interval', '1s'],
  ['tcp_keepalives_idle', '10'],
  ['tcp_keepalives_interval', '5'],
  ['tcp_keepalives_count', '3'],
] as const;

/**
 * Waits for its turn, and then does the work on one connection.
 *
 * @param db has at least two connections
 * @throws the signal's reason, once what was under way has been cancelled
 */
export async function withMigrationSession<Result>(
  db: Kysely<Schema>,
  { signal, report = () => undefined }: MigrateOptions,
  work: (session: MigrationSession) => Promise<Result>,
): Promise<Result> {
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(connection);
    const session = { connection, db, pid: rows[0]?.pid ?? 0, signal, report };
    const stopCancelling = cancelOnAbort(session);
    try {
      await sql`set statement_timeout = 0`.execute(connection);
      // not every server can
      for (const [name, value] of endsWithItsClient)
        await sql`select set_config(${name}, ${value}, false)`.execute(connection).catch(() => undefined);
      await takeTurn(session);
      return await work(session);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      stopCancelling();
      // of a connection that is gone, the server has let go by itself
      await sql
        .raw(`select pg_advisory_unlock(${lockKey}); reset all`)
        .execute(connection)
        .catch(() => undefined);
    }
  });
}

/** A statement may be about to be sent at that moment, so it is cancelled again until all has ended. */
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

/** Asks again and again, since a statement that waits at the server would be left behind by a migrator that is killed. */
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
