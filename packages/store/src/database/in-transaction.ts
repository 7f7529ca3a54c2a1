import type { Database } from './open-database.js';

/** Runs a function in the transaction that the caller has begun, or else in a transaction of its own. */
export async function inTransaction<T>(db: Database, run: (transaction: Database) => Promise<T>): Promise<T> {
  return db.isTransaction ? run(db) : db.transaction().execute(run);
}
