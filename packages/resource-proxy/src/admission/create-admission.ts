import type { Database } from '@aipassport/store';
import { type Admission, type AdmissionRequest, admitRequests, LeaseLostError } from '@aipassport/store/proxying';
import { Denied } from '../denials/denial.js';
import type { OnFailpoint } from '../failpoint.js';
import { createBatcher } from './create-batcher.js';
import type { Settler } from './create-settler.js';
import type { LeaseKeeper } from './keep-lease.js';

export interface AdmissionOptions {
  readonly db: Database;
  readonly lease: LeaseKeeper;
  readonly settler: Settler;
  readonly catalogueVersion: string;
  /** The requests that have asked and are not settled. */
  readonly openRequests: Set<string>;
  readonly onFailpoint?: OnFailpoint | undefined;
}

/**
 * Decides whether a request may be sent, together with the others that ask at the same time. When the promise resolves
 * to `admitted`, the reservation is committed; whoever got it must settle it.
 *
 * @throws Denied `overloaded` when the database is so slow that there is no point in waiting
 * @throws when the database does not answer: nothing is admitted then, and nothing stays set aside
 */
export type Admit = (request: AdmissionRequest) => Promise<Admission>;

/** With the time that a statement may take, this is how long a client waits at most for a database that is silent. */
const maxWaitMilliseconds = 1_000;

export function createAdmission(options: AdmissionOptions): Admit {
  const { db, lease, settler, catalogueVersion, openRequests, onFailpoint } = options;
  const admitBatch = (requests: readonly AdmissionRequest[]) => {
    const admissions = admitRequests(db, { replicaId: lease.replicaId(), catalogueVersion, requests });
    onFailpoint?.('before_admission_commit');
    return admissions;
  };

  const runBatch = async (requests: readonly AdmissionRequest[]) => {
    for (const { requestId } of requests) openRequests.add(requestId);
    try {
      const admissions = await admitBatch(requests).catch(async (error: unknown) => {
        if (!(error instanceof LeaseLostError)) throw error;
        await lease.replace();
        return admitBatch(requests);
      });
      requests.forEach(({ requestId }, index) => {
        if (admissions[index]?.verdict !== 'admitted') openRequests.delete(requestId);
      });
      return admissions;
    } catch (error) {
      // The answer was lost, the transaction may not be: what it may have set aside was never sent.
      for (const { requestId, grantId, accountId } of requests)
        settler.settle({ requestId, grantId, accountId, settlement: 'released', cost: 0n });
      throw error;
    }
  };
  return createBatcher(runBatch, { maxWaitMilliseconds, refuse: () => new Denied({ reason: 'overloaded' }) });
}
