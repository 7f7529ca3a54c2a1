import { type Database, isStatementRefused } from '@aipassport/store';
import {
  type Admission,
  type AdmissionRequest,
  admitRequests,
  LeaseLostError,
  type OperatorKeys,
} from '@aipassport/store/proxying';
import { LRUCache } from 'lru-cache';
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
  readonly operatorKeys?: OperatorKeys;
  /** Called when the database refuses to count a request. */
  readonly onUnusable?: (error: unknown, request: AdmissionRequest) => void;
  readonly onFailpoint?: OnFailpoint | undefined;
}

/**
 * Decides whether a request may be sent, together with the others that ask at the same time. When the promise resolves
 * to `admitted`, the reservation is committed; whoever got it must settle it.
 *
 * @throws Denied `overloaded` when the database is so slow that there is no point in waiting
 * @throws Denied `grant_unusable` when the database refuses to count this request, also when it is alone in its batch
 * @throws when the database does not answer: nothing is admitted then, and nothing stays set aside
 */
export type Admit = (request: AdmissionRequest) => Promise<Admission>;

/** With the time that a statement may take, this is how long a client waits at most for a database that is silent. */
const maxWaitMilliseconds = 1_000;
/** For this long, further requests of such a grant are refused without asking the database. */
const unusableMilliseconds = 1_000;

export function createAdmission(options: AdmissionOptions): Admit {
  const { db, lease, settler, catalogueVersion, openRequests, operatorKeys, onFailpoint } = options;
  const admitBatch = (requests: readonly AdmissionRequest[]) => {
    const admissions = admitRequests(db, { replicaId: lease.replicaId(), catalogueVersion, requests, operatorKeys });
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
      for (const { requestId, grantId, accountId } of requests) {
        if (isStatementRefused(error)) openRequests.delete(requestId);
        // The answer was lost, but the transaction may have committed. Its reservations belong to requests that were
        // never sent.
        else settler.settle({ requestId, grantId, accountId, settlement: 'released', cost: 0n });
      }
      throw error;
    }
  };
  const refuse = () => new Denied({ reason: 'overloaded' });
  const ask = createBatcher(runBatch, { maxWaitMilliseconds, refuse, isAboutItem: isStatementRefused });
  return refuseUnusable(ask, options);
}

/**
 * Remembers grants for which the database refuses to count. Each such request makes a batch fail, which costs the other
 * requests time.
 */
function refuseUnusable(ask: Admit, { onUnusable }: Pick<AdmissionOptions, 'onUnusable'>): Admit {
  const unusable = new LRUCache<string, string>({ max: 10_000, ttl: unusableMilliseconds });
  return async (request) => {
    const known = unusable.get(request.grantId);
    if (known !== undefined) throw new Denied({ reason: 'grant_unusable', detail: known });
    try {
      return await ask(request);
    } catch (error) {
      if (!isStatementRefused(error)) throw error;
      const detail = error instanceof Error ? error.message : '';
      if (!unusable.has(request.grantId)) onUnusable?.(error, request);
      unusable.set(request.grantId, detail);
      throw new Denied({ reason: 'grant_unusable', detail }, { cause: error });
    }
  };
}
