import { type Estimate, lowerOutputLimit, lowerToolCalls, withOutputLimit } from '@aipassport/policy';

/**
 * Builds the body that will be sent. It contains every limit that the estimate relies on. If the budget had less left
 * than the estimate, the limits are lowered to the reservation.
 */
export function fitBudget(operationId: string, estimate: Estimate, reservedNanoUsd: bigint): Estimate['body'] {
  if (reservedNanoUsd >= estimate.worstCaseNanoUsd) return estimate.body;
  // First lower the calls of the vendor's tools, then the output: searches are useless without an answer.
  const fitted = lowerToolCalls(estimate, reservedNanoUsd);
  if (fitted.worstCaseNanoUsd <= reservedNanoUsd) return fitted.body;
  const tokens = lowerOutputLimit(fitted, reservedNanoUsd);
  // Admission never reserves less than the floor, which covers this.
  if (tokens === undefined || fitted.output === undefined) throw new Error('what was set aside covers no output');
  return withOutputLimit(operationId, fitted.body, tokens);
}
