import { type EstimatesOf, free } from '../operation-estimate.js';
import { demandAnthropicMessages } from './demand.js';
import { limitMessage } from './output-limit.js';

export const anthropicEstimates: EstimatesOf<'anthropic'> = {
  'anthropic.messages': { demand: demandAnthropicMessages, limitOutput: limitMessage },
  'anthropic.messages/count_tokens': free,
};
