/** Why the cost of a request has no known bound. Such a request is refused. */
export interface CostRefusal {
  /**
   * The member or the part of the request that has no known bound, in our own words. It never contains text of the
   * client.
   */
  readonly driver: string;
  readonly problem: CostProblem;
}

export type CostProblem =
  /** The price list has no rate for this part. */
  | 'not_priced'
  /** The cost of this part has no bound. */
  | 'not_bounded'
  /** The vendor does not document this value, so its effect is unknown. */
  | 'malformed';

/** Thrown within an estimate. `estimateCall` and `estimateUpload` turn it into a result. */
export class CostRefused extends Error {
  readonly refusal: CostRefusal;

  constructor(driver: string, problem: CostProblem) {
    super(`${driver}: ${problem}`);
    this.refusal = { driver, problem };
  }
}

export function refuseCost(driver: string, problem: CostProblem): never {
  throw new CostRefused(driver, problem);
}
