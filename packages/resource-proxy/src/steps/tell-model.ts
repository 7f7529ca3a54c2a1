import { resolveModelId } from '@aipassport/policy';
import type { Call } from '../call.js';
import type { Exchange } from '../exchange.js';
import type { Quote } from '../preparing/call-facts.js';

/**
 * Says in the answer's headers which model the client's name for it stands for, as far as is known; for a model in no
 * list, the one whose price it has.
 */
export function tellModel({ response }: Exchange, { model }: Call, { price }: Quote): void {
  const resolved = resolveModelId(model);
  response.setHeader('aipassport-model', resolved === model.id ? price.modelId : resolved);
}
