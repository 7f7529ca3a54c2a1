import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** Checks that the tables in this statement exist and may be read. @throws the driver's error */
export async function checkTables(db: Database): Promise<void> {
  await sql`select from accounts, owner_sessions, clients, artifacts, grants, revocations where false`.execute(db);
}
