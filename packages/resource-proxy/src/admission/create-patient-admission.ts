import type { Admission, AdmissionRequest } from '@aipassport/store/proxying';
import type { Admit } from './create-admission.js';
import type { Claim, Lack, Place, WaitingLines } from './waiting-lines.js';

/**
 * Admits as `Admit` does.
 * @param isWanted whether anybody still waits for the verdict
 * @param refine estimates the request more closely; undefined: its estimate stands. Called at most once, and only when
 *        a budget does not cover the estimate as it is
 */
export type PatientAdmit = (
  request: AdmissionRequest,
  isWanted: () => boolean,
  refine: () => Promise<AdmissionRequest | undefined>,
) => Promise<Admission>;

/** What has ended a moment ago is settled within this time, here or at another replica. */
const settlingMilliseconds = 60;
/** For this long, a request waits for all that it has asked for: money for the output limit that it names, tokens, a stream. */
const wholeMilliseconds = 600;
const firstPauseMilliseconds = 20;
const longestPauseMilliseconds = 500;

export interface PatientOptions {
  readonly admit: Admit;
  readonly lines: WaitingLines;
  /** For this long, a request waits for anything at all of a budget. */
  readonly maxBudgetWaitMilliseconds: number;
}

/**
 * While others hold what a request lacks, it waits for a while before it is given less or refused: what has just ended
 * may not be settled yet, and requests that run side by side need not fail. Those that wait take turns.
 */
export function createPatientAdmission({ admit, lines, maxBudgetWaitMilliseconds }: PatientOptions): PatientAdmit {
  /** The reason to wait without asking: others that came earlier wait for what this request needs, too. */
  function findLine({ grantId, estimate, isStream }: AdmissionRequest): Lack | undefined {
    const first = lines.findFirst('money', grantId);
    if (first !== undefined && estimate > 0n && !mayPass(estimate, first, maxBudgetWaitMilliseconds / 2))
      return 'money';
    if (lines.findFirst('tokens', grantId) !== undefined) return 'tokens';
    return isStream && lines.findFirst('streams', grantId) !== undefined ? 'streams' : undefined;
  }

  return async (asked, isWanted, refine) => {
    const startedAt = performance.now();
    const line = findLine(asked);
    const comfortable = line === undefined ? await admit(askForComfort(asked)) : undefined;
    const isTight = comfortable === undefined ? line === 'money' : isBudgetExhausted(comfortable);
    const request = (isTight ? await refine() : undefined) ?? asked;
    const whole = request.isOpen === true ? settlingMilliseconds : wholeMilliseconds;
    const ask = () => admit({ ...request, isPatient: performance.now() < startedAt + whole });
    const first = comfortable !== undefined && isTight ? await ask() : comfortable;
    const lack = line ?? (first && findLack(first));
    if (lack === undefined) return first ?? ask();
    const { grantId, share = request.floor } = request;
    const place = lines.join({ grantId, lack, share, since: startedAt });
    if (place === undefined) return admit(request);
    try {
      const patience = lack === 'money' ? maxBudgetWaitMilliseconds : wholeMilliseconds;
      const last = await waitFor(place, { ask, isWanted, until: startedAt + patience });
      return last ?? first ?? (await ask());
    } finally {
      place.leave();
    }
  };
}

/** For all that the client has named, or else for an answer of a fair length: with less, it is worth counting. */
function askForComfort(request: AdmissionRequest): AdmissionRequest {
  const { estimate, floor, share = floor, isOpen = false } = request;
  return { ...request, floor: isOpen ? share : estimate, isPatient: true };
}

function isBudgetExhausted({ verdict }: Admission): boolean {
  return verdict.endsWith('budget_exhausted');
}

/** A small request is not held up by a large one, until that one has waited for long. */
function mayPass(estimate: bigint, { share, since }: Claim, longMilliseconds: number): boolean {
  return estimate * 10n <= share && performance.now() < since + longMilliseconds;
}

interface Waiting {
  readonly ask: () => Promise<Admission>;
  readonly isWanted: () => boolean;
  /** `performance.now()` */
  readonly until: number;
}

/** @returns what was answered last; undefined when nothing was asked */
async function waitFor(place: Place, { ask, isWanted, until }: Waiting): Promise<Admission | undefined> {
  let admission: Admission | undefined;
  let pause = firstPauseMilliseconds;
  for (let left = until - performance.now(); left > 0 && isWanted(); left = until - performance.now()) {
    await place.pause(Math.min(place.isFirst() ? pause : longestPauseMilliseconds, left));
    const isOver = performance.now() >= until;
    if (!isWanted() || !(place.isFirst() || isOver)) continue;
    admission = await ask();
    if (findLack(admission) === undefined) break;
    pause = Math.min(pause * 2, longestPauseMilliseconds);
  }
  return admission;
}

/** @returns undefined where waiting is of no use, or not needed */
function findLack(admission: Admission): Lack | undefined {
  if (!('othersHold' in admission && admission.othersHold)) return undefined;
  if (admission.verdict === 'too_many_streams') return 'streams';
  return admission.verdict === 'token_rate_limited' ? 'tokens' : 'money';
}
