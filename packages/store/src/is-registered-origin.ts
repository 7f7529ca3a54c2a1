import { sql } from 'kysely';
import type { Database } from './database/open-database.js';

/** Whether some client's redirect URI has this origin: its browser code may call us (CORS). */
export async function isRegisteredOrigin(db: Database, origin: string): Promise<boolean> {
  const { rows } = await sql`select 1 from clients where web_origins @> array[${origin}]::text[] limit 1`.execute(db);
  return rows.length > 0;
}
