import { lowerOutputLimit, lowerToolCalls, withOutputLimit } from '@aipassport/policy';
import type { Call } from '../call.js';
import type { Reservation } from './admit.js';
import type { Quote } from './estimate-cost.js';

/**
 * The call as it will be sent: with every bound written in that its estimate relies on, and, where the budget had less
 * left than the estimate, made to fit what was set aside.
 */
export function fitBudget(call: Call, quote: Quote, { admission }: Reservation): Call {
  if (call.content.kind === 'upload') return call;
  const body = admission.reserved < quote.worstCaseNanoUsd ? lower(call, quote, admission.reserved) : quote.body;
  return { ...call, content: { kind: 'json', body } };
}

/** Fewer calls of the vendor's tools first, then a shorter answer: nobody is helped by searches without a conclusion. */
function lower({ match }: Call, quote: Quote, reserved: bigint): Quote['body'] {
  const fitted = lowerToolCalls(quote, reserved);
  if (fitted.worstCaseNanoUsd <= reserved) return fitted.body;
  const tokens = lowerOutputLimit(fitted, reserved);
  // Admission lets nothing through below the floor, and the floor is what this covers.
  if (tokens === undefined || fitted.output === undefined) throw new Error('what was set aside covers no output');
  return withOutputLimit(match.operation.id, fitted.body, tokens);
}
