import { sql } from 'kysely';

/**
 * The number of counted requests in rows `l` of the ledger, minus those that were withdrawn because they were never
 * sent.
 */
export const countedRequests = sql`count(*) filter (where l.counted) - count(*) filter (where l.settlement = 'withdrawn')`;
