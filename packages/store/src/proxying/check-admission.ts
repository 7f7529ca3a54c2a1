import type { Database } from '../database/open-database.js';
import { admitRequests, LeaseLostError } from './admit-requests.js';

/**
 * Asks the database to admit nothing at all: whether what admits requests is there and may be used.
 * @param replicaId the name under which the caller admits
 * @throws what the driver throws when it is not
 */
export async function checkAdmission(db: Database, replicaId: string): Promise<void> {
  try {
    await admitRequests(db, { replicaId, catalogueVersion: '', requests: [] });
  } catch (error) {
    // The next request takes a new name.
    if (!(error instanceof LeaseLostError)) throw error;
  }
}
