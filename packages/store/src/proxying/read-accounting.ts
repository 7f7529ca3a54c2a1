import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** What all proxies together have reserved, and what is unusual in the ledger. */
export interface AccountingState {
  readonly reservedNanoUsd: bigint;
  /** The admitted requests that are not settled. */
  readonly openReservations: number;
  /** The age of the oldest of them, without those that run in the background; 0 if there is none. */
  readonly oldestSeconds: number;
  /**
   * The requests that were charged because their replica was declared dead. If the replica still runs, it can correct
   * the charge within a day.
   */
  readonly abandonedRequests: number;
  /** The number of rows in the ledger's default partition, counted up to a hundred thousand. */
  readonly misplacedRows: number;
}

export async function readAccounting(db: Database): Promise<AccountingState> {
  const { rows } = await sql<AccountingState>`
    select reserved_nano_usd as "reservedNanoUsd", open_reservations as "openReservations",
      oldest_seconds as "oldestSeconds", abandoned_requests as "abandonedRequests", misplaced_rows as "misplacedRows"
    from read_accounting()`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the database returned no row about its accounting');
  return row;
}
