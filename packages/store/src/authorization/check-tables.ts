import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** Whether the tables are there, and may be read, without which nothing is served. @throws what the driver throws */
export async function checkTables(db: Database): Promise<void> {
  await sql`select from accounts, owner_sessions, clients, artifacts, grants, revocations where false`.execute(db);
}
