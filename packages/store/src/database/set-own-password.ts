import { sql } from 'kysely';
import type { Database } from './open-database.js';

/**
 * Replaces the password of the role of this connection. Open connections keep working.
 * @param verifier from `buildVerifier`, so that PostgreSQL's log does not contain the password
 */
export async function setOwnPassword(db: Database, verifier: string): Promise<void> {
  await sql`alter role current_user password ${sql.lit(verifier)}`.execute(db);
}
