import { sql } from 'kysely';
import type { Database } from './database/open-database.js';

/**
 * Whether any client has a redirect URI with this origin. If so, browser code of this origin may call this server
 * (CORS).
 */
export async function isRegisteredOrigin(db: Database, origin: string): Promise<boolean> {
  const { rows } = await sql`select 1 from clients where web_origins @> array[${origin}]::text[] limit 1`.execute(db);
  return rows.length > 0;
}
