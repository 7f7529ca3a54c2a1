import { type Estimate, lowerOutputLimit, lowerToolCalls, withOutputLimit } from '@aipassport/policy';

/**
 * The body as it will be sent: with every bound written in that its estimate relies on, and, where the budget had less
 * left than the estimate, made to fit what was set aside.
 */
export function fitBudget(operationId: string, estimate: Estimate, reservedNanoUsd: bigint): Estimate['body'] {
  if (reservedNanoUsd >= estimate.worstCaseNanoUsd) return estimate.body;
  // Fewer calls of the vendor's tools first, then a shorter answer: searches are of no use without a conclusion.
  const fitted = lowerToolCalls(estimate, reservedNanoUsd);
  if (fitted.worstCaseNanoUsd <= reservedNanoUsd) return fitted.body;
  const tokens = lowerOutputLimit(fitted, reservedNanoUsd);
  // Admission lets nothing through below the floor, and the floor is what this covers.
  if (tokens === undefined || fitted.output === undefined) throw new Error('what was set aside covers no output');
  return withOutputLimit(operationId, fitted.body, tokens);
}
