import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** The cost that an operator states for a request whose charge in the ledger is wrong. */
export interface ChargeCorrection {
  readonly requestId: string;
  /** The true cost of the request, in nano-US-dollars. */
  readonly cost: bigint;
  /** For the audit log. */
  readonly reason: string;
}

/**
 * Adds a row to the ledger that corrects the charge of a request, and updates the counters. The correction is recorded
 * in the audit log. If the charge is correct already, nothing is written.
 *
 * @returns the difference from the previous charge; undefined when there is no such request, when its proxy was
 * declared dead and may still correct the charge by itself, or when the cost is negative
 */
export async function correctCharge(
  db: Database,
  { requestId, cost, reason }: ChargeCorrection,
): Promise<bigint | undefined> {
  const { rows } = await sql<{ difference: bigint | null }>`
    select correct_charge(${requestId}::uuid, ${cost}::bigint, ${reason}) as difference`.execute(db);
  return rows[0]?.difference ?? undefined;
}
