import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** What an operator knows of a request better than the ledger. */
export interface ChargeCorrection {
  readonly requestId: string;
  /** What the request cost, in nano-US-dollars. */
  readonly cost: bigint;
  /** For the audit log. */
  readonly reason: string;
}

/**
 * Adds a row to the ledger that corrects the charge of a request, and updates the counters. The correction stands in
 * the audit log.
 *
 * @returns the difference to what was charged; undefined when there is no such request, or its proxy was taken for dead
 *          and may still correct it by itself
 */
export async function correctCharge(
  db: Database,
  { requestId, cost, reason }: ChargeCorrection,
): Promise<bigint | undefined> {
  const { rows } = await sql<{ difference: bigint | null }>`
    select correct_charge(${requestId}::uuid, ${cost}::bigint, ${reason}) as difference`.execute(db);
  return rows[0]?.difference ?? undefined;
}
