import { isJsonObject, type JsonObject, type Processing, type Usage } from '@aipassport/policy';

/** What an upstream says that a request used, or why its word is not taken: then the estimate is charged. */
export type UsageReading =
  | ({ readonly trusted: true; readonly usage: Usage } & Processing)
  | { readonly trusted: false; readonly problem: UsageProblem };

export type UsageProblem =
  /** There is none, or it is null. */
  | 'usage_missing'
  /** A count is no whole, non-negative number. */
  | 'usage_malformed'
  /** Parts that are more than their whole, a sum that is none, or nothing where there must be something. */
  | 'usage_contradictory'
  /** The answer ended before its usage came. */
  | 'answer_cut_off'
  /** What it stands in is larger than what is kept of an answer. */
  | 'answer_too_large';

/** Thrown by readers of usage, and turned into a reading at their door. */
export class UsageRefused extends Error {
  readonly problem: UsageProblem;

  constructor(problem: UsageProblem) {
    super(problem);
    this.problem = problem;
  }
}

export function refuseUsage(problem: UsageProblem): never {
  throw new UsageRefused(problem);
}

/** @param answer says in which tier it was processed */
export function tryReading(read: () => Usage, answer: JsonObject = {}): UsageReading {
  try {
    return { trusted: true, usage: read(), ...(isFlex(answer) && { tier: 'flex' }) };
  } catch (error) {
    if (error instanceof UsageRefused) return { trusted: false, problem: error.problem };
    throw error;
  }
}

/** As OpenAI has it, and as Google does. */
function isFlex({ service_tier: tier, usageMetadata }: JsonObject): boolean {
  return tier === 'flex' || (isJsonObject(usageMetadata) && usageMetadata.serviceTier === 'flex');
}
