import { resolveModelId } from '@aipassport/policy';
import type { Call } from '../call.js';
import type { Exchange } from '../exchange.js';
import type { Quote } from '../preparing/call-facts.js';

/**
 * Sets the answer header with the model that the client's model name stands for. If the name stands for no other model,
 * or that model is not known, the header contains the model whose price applies.
 */
export function setModelHeader({ response }: Exchange, { model }: Call, { price }: Quote): void {
  const resolved = resolveModelId(model);
  response.setHeader('aipassport-model', resolved === model.id ? price.modelId : resolved);
}
