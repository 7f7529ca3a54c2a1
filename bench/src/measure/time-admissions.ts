import { randomBytes, randomUUID } from 'node:crypto';
import type { Database } from '@aipassport/store';
import { type AdmissionRequest, admitRequests, insertReplica, settleRequests } from '@aipassport/store/proxying';
import type { TokenSubject } from '../issuer/main.js';
import { readCpuSeconds } from '../processes/process-usage.js';

export interface AdmissionTrial {
  readonly db: Database;
  readonly databasePid: number;
  readonly subjects: readonly TokenSubject[];
  /** The number of requests in a statement. */
  readonly size: number;
  readonly hasProofs: boolean;
}

/** The cost of one request in a statement, in microseconds. */
export interface AdmissionCost {
  readonly wall: number;
  readonly databaseCpu: number | undefined;
}

const replicaId = 'benchmark';
/**
 * The number of requests in a trial. They take long enough to be measured by a clock with steps of 10 ms. A statement
 * for a single request costs more, so an eighth of this number is enough then.
 */
const requestsAtLeast = 6_400;

export async function openAdmissionTrials(db: Database): Promise<void> {
  await insertReplica(db, { replicaId, leaseSeconds: 86_400 });
}

/**
 * Admits batches one after the other, as a busy proxy does. The requests are settled afterwards, outside of the
 * measured time.
 */
export async function timeAdmissions(trial: AdmissionTrial): Promise<AdmissionCost> {
  const { db, databasePid, size } = trial;
  const statements = Math.ceil(size === 1 ? requestsAtLeast / 8 : requestsAtLeast / size);
  const batches = Array.from({ length: statements }, (_, index) => makeBatch(trial, index));
  const cpuBefore = readCpuSeconds(databasePid);
  const startedAt = performance.now();
  for (const requests of batches) await admitRequests(db, { replicaId, catalogueVersion: 'benchmark', requests });
  const milliseconds = performance.now() - startedAt;
  const cpuAfter = readCpuSeconds(databasePid);
  for (const requests of batches)
    await settleRequests(
      db,
      requests.map(({ requestId, grantId, accountId }) => ({
        requestId,
        grantId,
        accountId,
        settlement: 'reported',
        cost: 1n,
      })),
    );
  const count = statements * size;
  const cpu = cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore;
  return { wall: (milliseconds * 1_000) / count, databaseCpu: cpu === undefined ? undefined : (cpu * 1e6) / count };
}

function makeBatch({ subjects, size, hasProofs }: AdmissionTrial, index: number): readonly AdmissionRequest[] {
  return Array.from({ length: size }, (_, place) => {
    const { grantId = '', accountId = '' } = subjects[(index * size + place) % subjects.length] ?? {};
    return {
      requestId: randomUUID(),
      grantId,
      accountId,
      estimate: 100n,
      floor: 10n,
      tokens: 100,
      isStream: false,
      upstream: 'openai',
      model: 'gpt-4o-mini',
      operation: 'openai.chat/completions',
      proofHash: hasProofs ? randomBytes(32).toString('base64url') : undefined,
    };
  });
}
