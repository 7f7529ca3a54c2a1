import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** The requests in progress of one grant that count for the same day and month. */
export interface OpenRequests {
  readonly grantId: string;
  readonly requests: number;
  /** The money that is reserved for these requests, in nano-US-dollars. */
  readonly reserved: bigint;
  readonly day: Date;
  readonly month: Date;
}

/** Lists the requests in progress under the grants of an owner. The counters of the grants include them. */
export async function listOpenRequests(db: Database, accountId: string): Promise<readonly OpenRequests[]> {
  const { rows } = await sql<OpenRequests>`
    select grant_id as "grantId", count(*)::integer as requests, sum(reserved)::bigint as reserved, day, month
    from reservations where account_id = ${accountId} group by grant_id, day, month`.execute(db);
  return rows;
}
