import type { Admission, AdmissionRequest, ExhaustedBudget } from '@aipassport/store/proxying';
import type { AdmissionStatement } from './admission-statement.js';
import type { Place, Shortage, WaitingLines, WaitingRequest } from './waiting-lines.js';

/**
 * A request without an output limit first asks for as much money as it would get if nothing else were reserved. After
 * this time it accepts less. Within this time, the settlements of requests that have just ended are usually written, by
 * this replica or another one.
 */
const settlingMilliseconds = 60;
/**
 * The same time for a request with an output limit. It is also the longest time that any request waits for tokens or
 * for a stream.
 */
const wholeMilliseconds = 600;
const longestPauseMilliseconds = 500;

export interface AdmissionQueueOptions {
  readonly statement: AdmissionStatement;
  readonly lines: WaitingLines;
  /** How long a request waits for any part of a budget. */
  readonly maxBudgetWaitMilliseconds: number;
  /** How long the first request of a line waits before it asks again. Later pauses are longer. */
  readonly budgetPollMilliseconds: number;
}

/** One request that is about to wait in a line. */
interface Candidate {
  readonly request: AdmissionRequest;
  /** `performance.now()` */
  readonly startedAt: number;
  readonly isWanted: () => boolean;
  /** The latest admission; undefined when the database has not been asked yet. */
  readonly latest: Admission | undefined;
}

/**
 * Part one of admission: decides when a request asks the database. A request asks at once, unless other requests of its
 * grant are waiting for the same thing. If other requests have reserved the money, the tokens or the stream that it
 * needs, it waits in a line for a while, because those requests may end soon. After that it gets less money, or is
 * refused. Part two, `AdmissionStatement`, asks the database.
 */
export class AdmissionQueue {
  readonly #statement: AdmissionStatement;
  readonly #lines: WaitingLines;
  readonly #maxBudgetWaitMilliseconds: number;
  readonly #budgetPollMilliseconds: number;

  constructor({ statement, lines, maxBudgetWaitMilliseconds, budgetPollMilliseconds }: AdmissionQueueOptions) {
    this.#statement = statement;
    this.#lines = lines;
    this.#maxBudgetWaitMilliseconds = maxBudgetWaitMilliseconds;
    this.#budgetPollMilliseconds = budgetPollMilliseconds;
  }

  /**
   * Admits a request. Returns and throws what `AdmissionStatement.admit` does.
   *
   * @param isWanted whether the caller still waits for the verdict
   * @param refine estimates the request more closely, or returns undefined if its estimate stands. Called at most once,
   * and only when a budget may not cover the estimate
   */
  async admit(
    asked: AdmissionRequest,
    isWanted: () => boolean,
    refine: () => Promise<AdmissionRequest | undefined>,
  ): Promise<Admission> {
    const startedAt = performance.now();
    const occupied = this.#findOccupiedLine(asked);
    if (occupied !== undefined) {
      const request = occupied === 'money' ? ((await refine()) ?? asked) : asked;
      return this.#waitInLine(occupied, { request, startedAt, isWanted, latest: undefined });
    }
    const first = await this.#statement.admit(askForWholeOutput(asked));
    const isTight = isBudgetExhausted(first);
    const request = isTight ? ((await refine()) ?? asked) : asked;
    const latest = isTight ? await this.#ask(request, startedAt) : first;
    const shortage = findShortage(latest);
    return shortage === undefined ? latest : this.#waitInLine(shortage, { request, startedAt, isWanted, latest });
  }

  /**
   * @returns the line in which earlier requests of the grant wait for something that this request needs too; undefined
   * if this request may ask at once
   */
  #findOccupiedLine({ grantId, estimate, isStream }: AdmissionRequest): Shortage | undefined {
    const first = this.#lines.findFirst('money', grantId);
    if (first !== undefined && estimate > 0n && !mayPass(estimate, first, this.#maxBudgetWaitMilliseconds / 2))
      return 'money';
    if (this.#lines.findFirst('tokens', grantId) !== undefined) return 'tokens';
    return isStream && this.#lines.findFirst('streams', grantId) !== undefined ? 'streams' : undefined;
  }

  async #waitInLine(shortage: Shortage, { request, startedAt, isWanted, latest }: Candidate): Promise<Admission> {
    const { grantId, share = request.floor } = request;
    const place = this.#lines.join({ grantId, shortage, share, since: startedAt });
    if (place === undefined) return this.#statement.admit(request);
    try {
      const ask = () => this.#ask(request, startedAt);
      const patience = shortage === 'money' ? this.#maxBudgetWaitMilliseconds : wholeMilliseconds;
      const firstPauseMilliseconds = this.#budgetPollMilliseconds;
      const last = await waitFor(place, { ask, isWanted, until: startedAt + patience, firstPauseMilliseconds });
      return last ?? latest ?? (await ask());
    } finally {
      place.leave();
    }
  }

  /** At first, the request asks for as much as it would get if nothing else were reserved. Later it accepts less. */
  #ask(request: AdmissionRequest, startedAt: number): Promise<Admission> {
    const whole = request.isOpen === true ? settlingMilliseconds : wholeMilliseconds;
    return this.#statement.admit({ ...request, isPatient: performance.now() < startedAt + whole });
  }
}

/**
 * Changes the request so that it is admitted only with enough money for its whole output limit, or for a useful answer
 * if it has no output limit. If a budget does not cover this amount, `admit` estimates the request more closely.
 */
function askForWholeOutput(request: AdmissionRequest): AdmissionRequest {
  const { estimate, floor, share = floor, isOpen = false } = request;
  return { ...request, floor: isOpen ? share : estimate, isPatient: true };
}

function isBudgetExhausted({ verdict }: Admission): boolean {
  return verdict.endsWith('budget_exhausted');
}

/**
 * Whether a request may go before a waiting request that needs at least ten times as much money. Once the waiting
 * request has waited for `longMilliseconds`, no request may go before it.
 */
function mayPass(estimate: bigint, { share, since }: WaitingRequest, longMilliseconds: number): boolean {
  return estimate * 10n <= share && performance.now() < since + longMilliseconds;
}

interface Waiting {
  readonly ask: () => Promise<Admission>;
  readonly isWanted: () => boolean;
  /** `performance.now()` */
  readonly until: number;
  readonly firstPauseMilliseconds: number;
}

/** @returns the last admission; undefined when the database was not asked */
async function waitFor(
  place: Place,
  { ask, isWanted, until, firstPauseMilliseconds }: Waiting,
): Promise<Admission | undefined> {
  let admission: Admission | undefined;
  let pause = firstPauseMilliseconds;
  for (let left = until - performance.now(); left > 0 && isWanted(); left = until - performance.now()) {
    await place.pause(Math.min(place.isFirst() ? pause : longestPauseMilliseconds, left));
    const isOver = performance.now() >= until;
    if (!isWanted() || !(place.isFirst() || isOver)) continue;
    admission = await ask();
    if (findShortage(admission) === undefined) break;
    pause = Math.min(pause * 2, longestPauseMilliseconds);
  }
  return admission;
}

/** @returns undefined when the request is admitted, or waiting would not help */
function findShortage(admission: Admission): Shortage | undefined {
  if (!('mayFitLater' in admission && admission.mayFitLater)) return undefined;
  const { verdict } = admission;
  if (verdict === 'too_many_streams') return 'streams';
  if (verdict === 'token_rate_limited') return 'tokens';
  verdict satisfies ExhaustedBudget;
  return 'money';
}
