import { resolveModelId } from '@aipassport/policy';
import type { Call } from '../call.js';
import type { Exchange } from '../exchange.js';
import type { Quote } from '../preparing/call-facts.js';

/**
 * Sets the answer header that names the model to which the client's model name currently resolves. If no such model is
 * known, or the name has several versions, the header names the model whose price applies.
 */
export function setModelHeader({ response }: Exchange, { model }: Call, { price }: Quote): void {
  const resolved = resolveModelId(model);
  response.setHeader('aipassport-model', resolved === model.id ? price.modelId : resolved);
}
