import { lowerOutputLimit, withOutputLimit } from '@aipassport/policy';
import type { Call } from '../call.js';
import type { Reservation } from './admit.js';
import type { Quote } from './estimate-cost.js';

/**
 * The call as it will be sent: with every bound written in that its estimate relies on, and, where the budget had less
 * left than the estimate, with an output limit that what was set aside covers.
 */
export function fitBudget(call: Call, quote: Quote, { admission }: Reservation): Call {
  if (call.content.kind === 'upload') return call;
  const body = admission.reserved < quote.worstCaseNanoUsd ? lowerOutput(call, quote, admission.reserved) : quote.body;
  return { ...call, content: { kind: 'json', body } };
}

function lowerOutput({ match }: Call, quote: Quote, reserved: bigint): Quote['body'] {
  const tokens = lowerOutputLimit(quote, reserved);
  // Admission lets nothing through below the floor, and the floor is what this covers.
  if (tokens === undefined || quote.output === undefined) throw new Error('what was set aside covers no output');
  return withOutputLimit(match.operation.id, quote.body, tokens);
}
