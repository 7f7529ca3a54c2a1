import type { Processing, Usage } from '@aipassport/policy';

/** The usage that an upstream reported, or the reason why it is not trusted and cannot be charged. */
export type UsageReading =
  | ({ readonly trusted: true; readonly usage: Usage } & Processing)
  | { readonly trusted: false; readonly problem: UsageProblem };

export type UsageProblem =
  /** There is no usage, or it is null. */
  | 'usage_missing'
  /** A count is not a whole, non-negative number, or another part of the usage has the wrong type. */
  | 'usage_malformed'
  /**
   * The parts exceed the whole, the total is not the sum, a count that cannot be zero is zero, a later count is smaller
   * than an earlier one, or the answer contradicts the request.
   */
  | 'usage_contradictory'
  /** The answer ended before its usage arrived. */
  | 'answer_cut_off'
  /** The object with the usage is too large to be kept. */
  | 'answer_too_large';

/** Thrown by readers of usage. `tryReading` turns it into a reading. */
class UsageRefused extends Error {
  readonly problem: UsageProblem;

  constructor(problem: UsageProblem) {
    super(problem);
    this.problem = problem;
  }
}

export function refuseUsage(problem: UsageProblem): never {
  throw new UsageRefused(problem);
}

/** @param processing how the request was processed, according to the answer */
export function tryReading(read: () => Usage, processing: Processing = {}): UsageReading {
  try {
    return { trusted: true, usage: read(), ...processing };
  } catch (error) {
    if (error instanceof UsageRefused) return { trusted: false, problem: error.problem };
    throw error;
  }
}
