import type { Database } from '../database/open-database.js';
import { admitRequests, LeaseLostError } from './admit-requests.js';

/**
 * Calls the admission with an empty batch, to check that its functions and tables exist and may be used.
 * @param replicaId the name under which the caller admits
 * @throws the driver's error
 */
export async function checkAdmission(db: Database, replicaId: string): Promise<void> {
  try {
    await admitRequests(db, { replicaId, catalogueVersion: '', requests: [] });
  } catch (error) {
    // A lost lease is not a failure of the admission. The next request takes a new name.
    if (!(error instanceof LeaseLostError)) throw error;
  }
}
