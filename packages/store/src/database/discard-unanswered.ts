import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';

/**
 * A pool that does not take a connection back whose last statement was not answered in time. The driver gives up such a
 * statement, not its connection: the next statement would wait behind the missing answer, and so would all others, for
 * as long as the network says nothing (after a failover by address, for instance: a quarter of an hour).
 */
export function discardUnanswered(pool: pg.Pool): PostgresPool {
  const guarded = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect();
      let guard = guarded.get(client);
      if (guard === undefined) {
        guard = guardClient(client);
        guarded.set(client, guard);
      }
      return guard;
    },
  };
}

function guardClient(client: pg.PoolClient): PostgresPoolClient {
  let isUnanswered = false;
  const query = (text: string, parameters: readonly unknown[]) =>
    client.query(text, [...parameters]).catch((error: unknown) => {
      if (error instanceof Error && error.message === 'Query read timeout') isUnanswered = true;
      throw error;
    });
  return {
    // Cursors, the other kind of query that the type knows, are not used here.
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || isUnanswered),
  };
}
