import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/**
 * Counts a request for stored objects towards the rate limit that all grants of a tree share, on all replicas.
 * @returns undefined when the request is allowed; otherwise the number of seconds to wait, a whole number
 */
export async function takeStateRequest(db: Database, grantId: string): Promise<number | undefined> {
  const { rows } = await sql<{ seconds: number | null }>`select take_state_request(${grantId}) as seconds`.execute(db);
  const seconds = rows[0]?.seconds ?? null;
  // at least 1: if another replica changed the row during this statement, the number can be 0 or negative
  return seconds === null ? undefined : Math.max(1, Math.ceil(seconds));
}
