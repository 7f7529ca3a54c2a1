import { setTimeout as sleep } from 'node:timers/promises';
import type { Admission, AdmissionRequest } from '@aipassport/store/proxying';
import type { Admit } from './create-admission.js';

/** Admits as `Admit` does. `isWanted`: whether anybody still waits for the verdict. */
export type PatientAdmit = (request: AdmissionRequest, isWanted: () => boolean) => Promise<Admission>;

/** The pauses between one look and the next. */
const pausesMilliseconds = [20, 40, 80, 160, 320];
/** After that there is not another look: a database that is slow is not asked more often for it. */
const patienceMilliseconds = 1_000;
/** More are told at once: grants that are always full cost the database little more. */
const maxWaitingOfGrant = 8;

/**
 * What has ended a moment ago may not be settled yet, here or at another replica: while others hold what a request
 * lacks, it is asked about again, before it is refused or made to ask for less.
 */
export function createPatientAdmission(admit: Admit): PatientAdmit {
  const waiting = new Map<string, number>();

  async function waitForOthers(request: AdmissionRequest, refusal: Admission, isWanted: () => boolean) {
    let admission = refusal;
    const lastLookAt = performance.now() + patienceMilliseconds;
    for (const pause of pausesMilliseconds) {
      await sleep(pause);
      if (!isWanted() || performance.now() > lastLookAt) break;
      admission = await admit(request);
      if (!isHeldByOthers(admission)) break;
    }
    return admission;
  }

  async function admitWhole(request: AdmissionRequest, isWanted: () => boolean): Promise<Admission> {
    const admission = await admit(request);
    const { grantId } = request;
    const others = waiting.get(grantId) ?? 0;
    if (!isHeldByOthers(admission) || others >= maxWaitingOfGrant) return admission;
    waiting.set(grantId, others + 1);
    try {
      return await waitForOthers(request, admission, isWanted);
    } finally {
      const left = (waiting.get(grantId) ?? 1) - 1;
      if (left > 0) waiting.set(grantId, left);
      else waiting.delete(grantId);
    }
  }

  return async (request, isWanted) => {
    const admission = await admitWhole({ ...request, floor: request.estimate }, isWanted);
    return isBudgetExhausted(admission) && isWanted() ? admit(request) : admission;
  };
}

function isHeldByOthers(admission: Admission): boolean {
  return 'othersHold' in admission && admission.othersHold;
}

function isBudgetExhausted({ verdict }: Admission): boolean {
  return verdict.endsWith('budget_exhausted');
}
