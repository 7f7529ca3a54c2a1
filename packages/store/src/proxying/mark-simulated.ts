import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/**
 * Notes that an admitted request will be answered by the simulated AI provider, so that the ledger says so.
 * @returns false when the request has no reservation any more, because another process has settled it
 */
export async function markSimulated(
  db: Database,
  { requestId, grantId }: { readonly requestId: string; readonly grantId: string },
): Promise<boolean> {
  const { rows } = await sql<{ marked: boolean }>`
    select mark_simulated(${requestId}::uuid, ${grantId}) as marked`.execute(db);
  return rows[0]?.marked ?? false;
}
