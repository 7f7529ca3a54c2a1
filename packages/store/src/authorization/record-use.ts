import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

export interface Use {
  /** Identifies what may be used once. It is a hash, because identifiers can be secret or long. */
  readonly idHash: string;
  /** Must be at least the time for which a repeat would be accepted without this record. */
  readonly expiresInSeconds: number;
}

const model = 'ReplayDetection';

/**
 * Records the use of something that may be used once: a client assertion, or a proof of possession. One statement
 * decides for all replicas. In a transaction, the statement waits for another transaction that records the same use.
 * @returns false when it was used before
 */
export async function recordUse(db: Database, { idHash, expiresInSeconds }: Use): Promise<boolean> {
  const expiresAt = sql<Date>`now() + make_interval(secs => ${expiresInSeconds})`;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('artifacts')
    .values({ model, id_hash: idHash, payload: '{}', expires_at: expiresAt })
    .onConflict((conflict) =>
      conflict
        .columns(['model', 'id_hash'])
        // An expired row that has not been removed yet does not count.
        .doUpdateSet({ expires_at: expiresAt })
        .where('artifacts.expires_at', '<=', sql<Date>`now()`),
    )
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}
