import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';

/** A running watch of the locks for which another connection waits. */
export interface LockWatch {
  /** A description of the last wait; undefined: the connection has not waited. */
  readonly describe: () => string | undefined;
  /** Whether the connection's statement was cancelled because it waited too long. */
  readonly wasCancelled: () => boolean;
  readonly stop: () => Promise<void>;
}

export interface LockWatchOptions {
  /** The process id of the watched connection's backend. */
  readonly pid: number;
  /**
   * The limit for all waits of the connection together, after which its statement is cancelled. Undefined: no limit.
   */
  readonly maxWaitMilliseconds?: number | undefined;
  /** Called about every ten seconds, with the time that has passed and what the connection waits for. */
  readonly onProgress: (seconds: number, waitsFor: string | undefined) => void;
}

interface Blocker {
  readonly pid: number;
  readonly application_name: string | null;
  readonly usename: string | null;
  readonly state: string | null;
  readonly seconds: number | null;
  readonly wanted: string | null;
  readonly held: string | null;
}

const lookMilliseconds = 100;
const progressMilliseconds = 10_000;

/** Looks several times a second for what the connection waits for, over other connections of `db`. */
export function watchLocks(db: Kysely<Schema>, options: LockWatchOptions): LockWatch {
  const { pid, maxWaitMilliseconds = Number.POSITIVE_INFINITY, onProgress } = options;
  const startedAt = performance.now();
  let toldAt = startedAt;
  let lookedAt = startedAt;
  let waitedMilliseconds = 0;
  let blockers: readonly Blocker[] = [];
  let last: string | undefined;
  let wasCancelled = false;
  const look = async () => {
    blockers = await listBlockers(db, pid);
    const now = performance.now();
    if (blockers.length > 0) {
      waitedMilliseconds += now - lookedAt;
      // If the wait ends after the statement has read the blocking processes and before it reads the locks, the result
      // does not name the lock. An earlier result may have named the lock, so that description stays.
      if (last === undefined || blockers.some(({ wanted }) => wanted !== null)) last = describeBlockers(blockers);
    }
    lookedAt = now;
    if (now - toldAt >= progressMilliseconds) {
      toldAt = now;
      onProgress(Math.round((now - startedAt) / 1_000), blockers.length > 0 ? last : undefined);
    }
    if (blockers.length > 0 && waitedMilliseconds >= maxWaitMilliseconds) {
      wasCancelled = true;
      await sql`select pg_cancel_backend(${pid})`.execute(db);
    }
  };
  return { describe: () => last, wasCancelled: () => wasCancelled, stop: repeat(look) };
}

/** Calls `look` several times a second, one call at a time. @returns a function that stops the calls */
function repeat(look: () => Promise<void>): () => Promise<void> {
  let looking = Promise.resolve();
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    // If a call fails, the next call looks again. The migration itself reports an unreachable database.
    looking = look()
      .catch(() => undefined)
      .finally(() => {
        isLooking = false;
      });
  }, lookMilliseconds);
  return () => {
    clearInterval(timer);
    return looking;
  };
}

async function listBlockers(db: Kysely<Schema>, pid: number): Promise<readonly Blocker[]> {
  const { rows } = await sql<Blocker>`
    select a.pid, a.application_name, a.usename, a.state,
      extract(epoch from now() - a.xact_start)::double precision as seconds,
      case when w.relation is null then w.locktype else w.mode || ' on ' || w.relation::regclass end as wanted,
      (select string_agg(distinct h.mode, ', ') from pg_locks h
       where h.pid = a.pid and h.granted and h.relation = w.relation) as held
    from unnest(pg_blocking_pids(${pid})) as b (pid)
    join pg_stat_activity a on a.pid = b.pid
    left join lateral (select * from pg_locks where pid = ${pid} and not granted limit 1) w on true
    order by a.xact_start`.execute(db);
  return rows;
}

/**
 * PostgreSQL shows most facts about a session only to the session's own role and to superusers, so they may be missing.
 */
function describeBlockers(blockers: readonly Blocker[]): string {
  const holders = blockers.map(({ pid, application_name: name, usename, state, seconds, held }) => {
    const parts = [
      `process ${pid}`,
      ...(name ? [`"${name}"`] : []),
      ...(usename ? [`of ${usename}`] : []),
      ...(state ? [state] : []),
      ...(seconds === null ? [] : [`in a transaction for ${Math.round(seconds)} s`]),
      ...(held === null ? [] : [`holds ${held}`]),
    ];
    return parts.join(', ');
  });
  const wanted = blockers[0]?.wanted;
  return `${wanted ? `${wanted}; ` : ''}${holders.join(' | ')}`;
}
