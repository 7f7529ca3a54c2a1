import type { Database } from '@aipassport/store';
import { type Admission, type AdmissionRequest, admitRequests, LeaseLostError } from '@aipassport/store/proxying';
import type { OnFailpoint } from '../failpoint.js';
import { createBatcher } from './create-batcher.js';
import type { Settler } from './create-settler.js';
import type { LeaseKeeper } from './keep-lease.js';

export interface AdmissionOptions {
  readonly db: Database;
  readonly lease: LeaseKeeper;
  readonly settler: Settler;
  readonly catalogueVersion: string;
  readonly onFailpoint?: OnFailpoint | undefined;
}

/**
 * Decides whether a request may be sent, together with the others that ask at the same time. When the promise resolves
 * to `admitted`, the reservation is committed; whoever got it must settle it.
 *
 * @throws when the database does not answer: nothing is admitted then, and nothing stays set aside
 */
export type Admit = (request: AdmissionRequest) => Promise<Admission>;

export function createAdmission(options: AdmissionOptions): Admit {
  const { db, lease, settler, catalogueVersion, onFailpoint } = options;
  const admitBatch = (requests: readonly AdmissionRequest[]) => {
    const admissions = admitRequests(db, { replicaId: lease.replicaId(), catalogueVersion, requests });
    onFailpoint?.('before_admission_commit');
    return admissions;
  };

  return createBatcher(async (requests) => {
    try {
      return await admitBatch(requests).catch(async (error: unknown) => {
        if (!(error instanceof LeaseLostError)) throw error;
        await lease.replace();
        return admitBatch(requests);
      });
    } catch (error) {
      // The answer was lost, the transaction may not be: what it may have set aside was never sent.
      for (const { requestId, grantId, accountId } of requests)
        settler.settle({ requestId, grantId, accountId, settlement: 'released', cost: 0n });
      throw error;
    }
  });
}
