import { sql } from 'kysely';
import type { Database } from './open-database.js';

/**
 * Replaces the password of the role of this connection. Connections that are open go on.
 * @param verifier of `buildVerifier`, so that the password is in no log of PostgreSQL
 */
export async function setOwnPassword(db: Database, verifier: string): Promise<void> {
  await sql`alter role current_user password ${sql.lit(verifier)}`.execute(db);
}
