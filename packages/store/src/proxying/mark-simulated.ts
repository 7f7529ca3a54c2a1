import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** Notes that an admitted request will be answered by the simulated AI provider, so that the ledger says so. */
export async function markSimulated(
  db: Database,
  { requestId, grantId }: { readonly requestId: string; readonly grantId: string },
): Promise<void> {
  await sql`select mark_simulated(${requestId}::uuid, ${grantId})`.execute(db);
}
