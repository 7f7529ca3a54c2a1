import type { BodyOperationId } from '../../operations/dialect-operations.js';
import { anthropicEstimates } from './anthropic/estimates.js';
import { googleEstimates } from './google/estimates.js';
import { openaiEstimates } from './openai/estimates.js';
import type { EstimatesFor } from './operation-estimate.js';

export { readHostedToolKinds } from './google/hosted-tools.js';
export { demandTranscription as demandUpload, speechTokensPerSecond } from './openai/demand-audio.js';
export { partialImageTokens } from './openai/demand-images.js';
export { shownAsJson } from './openai/read-input.js';

/** If an operation has no row in the table of its dialect, this does not compile. */
export const estimateTable: EstimatesFor<BodyOperationId> = {
  ...openaiEstimates,
  ...anthropicEstimates,
  ...googleEstimates,
};
