import { sql } from 'kysely';

/** Of rows `l` of the ledger: the requests that count, less those that turned out later never to have been sent. */
export const countedRequests = sql`count(*) filter (where l.counted) - count(*) filter (where l.settlement = 'withdrawn')`;
