import type { Database } from '../database/open-database.js';

/** The origins from which this client's browser code may call (CORS). */
export async function findClientOrigins(db: Database, clientId: string): Promise<readonly string[]> {
  const row = await db.selectFrom('clients').select('web_origins').where('id', '=', clientId).executeTakeFirst();
  return row?.web_origins ?? [];
}
