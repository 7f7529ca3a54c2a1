import {
  type BodyOperationId,
  type Estimate,
  lowerOutputLimit,
  lowerToolCalls,
  withOutputLimit,
} from '@aipassport/policy';

export interface FittedBody {
  readonly body: Estimate['body'];
  /** The output limit of one choice, if it differs from the one that the client asked for. */
  readonly maxOutputTokens: number | undefined;
}

/**
 * Builds the body that will be sent. It contains every limit that the estimate relies on. If the rest of the budget was
 * less than the estimate, the limits are lowered to fit the reservation.
 */
export function fitBudget(operationId: BodyOperationId, estimate: Estimate, reservedNanoUsd: bigint): FittedBody {
  const { output } = estimate;
  const unasked = output?.isOpen === true ? output.tokens : undefined;
  if (reservedNanoUsd >= estimate.worstCaseNanoUsd) return { body: estimate.body, maxOutputTokens: unasked };
  // First lower the number of tool calls at the vendor, then the output: searches are useless without an answer.
  const fitted = lowerToolCalls(estimate, reservedNanoUsd);
  if (fitted.worstCaseNanoUsd <= reservedNanoUsd) return { body: fitted.body, maxOutputTokens: unasked };
  const tokens = lowerOutputLimit(fitted, reservedNanoUsd);
  // Unreachable: admission never reserves less than the floor, which includes the minimum output.
  if (tokens === undefined || output === undefined) throw new Error('the reservation covers no output');
  const body = withOutputLimit(operationId, fitted.body, tokens);
  return { body, maxOutputTokens: tokens / output.choices };
}
