/** Why a request cannot be given a price before it is sent: what cannot be bounded is not sent. */
export interface CostRefusal {
  /** The member or the part of the request that it is about: one of our own words, never the client's. */
  readonly driver: string;
  readonly problem: CostProblem;
}

export type CostProblem =
  /** The price list has no rate for it. */
  | 'not_priced'
  /** It could cost any amount. */
  | 'not_bounded'
  /** It is no value that the vendor documents, so what it would do is not known. */
  | 'malformed';

/** Thrown within an estimate, and turned into a result at its door. */
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
