import type { BodyOperationId } from '../../operations/dialect-operations.js';
import { anthropicEstimates } from './anthropic/estimates.js';
import { googleEstimates } from './google/estimates.js';
import { openaiEstimates } from './openai/estimates.js';
import type { EstimatesFor } from './operation-estimate.js';

export { demandTranscription as demandUpload, speechTokensPerSecond } from './openai/demand-audio.js';
export { partialImageTokens } from './openai/demand-images.js';

/** A new operation does not compile until its dialect has a row for it. */
export const estimateTable: EstimatesFor<BodyOperationId> = {
  ...openaiEstimates,
  ...anthropicEstimates,
  ...googleEstimates,
};
