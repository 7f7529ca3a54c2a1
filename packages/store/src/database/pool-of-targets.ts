import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { readOnly, readSqlState } from './sql-state.js';
import type { Targets } from './targets.js';

/**
 * One connection pool for all targets of a database. It first tries the target that worked last.
 *
 * It discards a connection whose last statement was not answered in time. The driver gives up only that statement, so
 * the next statements on the connection would wait for the missing answer. If the database's IP address moves to
 * another host, they could wait for a quarter of an hour. The pool also discards connections to a host that no longer
 * accepts writes, and connections with a plan that no longer fits the schema.
 *
 * @param pools one for each target, in their order
 */
export function poolOfTargets(targets: Targets, pools: readonly pg.Pool[]): PostgresPool {
  const guarded = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const connect = async (index: number) => {
    const client = await targets.credentials.retry(() => requirePool(pools, index).connect());
    let guard = guarded.get(client);
    if (guard === undefined) {
      guard = guardClient(client, () => targets.leave(index));
      guarded.set(client, guard);
    }
    return guard;
  };
  return {
    options: requirePool(pools, 0).options,
    end: async () => {
      await Promise.all(pools.map((pool) => pool.end()));
    },
    connect: () => targets.tryInTurn(connect),
  };
}

function requirePool(pools: readonly pg.Pool[], index: number): pg.Pool {
  const pool = pools[index];
  if (pool === undefined) throw new Error('there is no such target');
  return pool;
}

function guardClient(client: pg.PoolClient, onReadOnly: () => void): PostgresPoolClient {
  let isSpent = false;
  const query = (text: string, parameters: readonly unknown[]) =>
    client.query(text, [...parameters]).catch((error: unknown) => {
      isSpent ||= makesConnectionUnusable(error);
      if (readSqlState(error) === readOnly) onReadOnly();
      throw error;
    });
  return {
    // The type also allows cursors, which are not used here.
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || isSpent),
  };
}

/** "cached plan must not change result type": the connection keeps the stale plan. */
const staleCachedPlan = '0A000';

function makesConnectionUnusable(error: unknown): boolean {
  if (error instanceof Error && error.message === 'Query read timeout') return true;
  const state = readSqlState(error);
  return state === readOnly || state === staleCachedPlan;
}
