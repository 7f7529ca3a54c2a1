import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { readOnly, type Targets } from './targets.js';

/**
 * One pool over all the ways to a database, the one that worked last first.
 *
 * It does not take a connection back whose last statement was not answered in time. The driver gives up such a
 * statement, not its connection: the next statement would wait behind the missing answer, and so would all others, for
 * as long as the network says nothing (after a failover by address, for instance: a quarter of an hour). Nor one to a
 * host that accepts no writes any more, nor one that holds a plan that the schema has outgrown.
 *
 * @param pools one for each target, in their order
 */
export function poolOfTargets(targets: Targets, pools: readonly pg.Pool[]): PostgresPool {
  const guarded = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const connect = async (index: number) => {
    const client = await requirePool(pools, index).connect();
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
      isSpent ||= spendsConnection(error);
      if (codeOf(error) === readOnly) onReadOnly();
      throw error;
    });
  return {
    // Cursors, the other kind of query that the type knows, are not used here.
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || isSpent),
  };
}

/** "cached plan must not change result type": the plan is the connection's, and stays. */
const outgrownPlan = '0A000';

function spendsConnection(error: unknown): boolean {
  if (error instanceof Error && error.message === 'Query read timeout') return true;
  return [readOnly, outgrownPlan].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
