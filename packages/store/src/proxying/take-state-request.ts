import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/**
 * Counts a request for stored objects, over all replicas and all grants of a tree.
 * @returns undefined when the request may pass; otherwise the whole seconds until it may
 */
export async function takeStateRequest(db: Database, grantId: string): Promise<number | undefined> {
  const { rows } = await sql<{ seconds: number | null }>`select take_state_request(${grantId}) as seconds`.execute(db);
  const seconds = rows[0]?.seconds ?? null;
  // another replica may have changed the row during this statement, so the number may be too small
  return seconds === null ? undefined : Math.max(1, Math.ceil(seconds));
}
