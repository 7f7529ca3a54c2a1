import type { BodyOperationId, UploadOperationId } from '../../operations/dialect-operations.js';
import { anthropicEstimates } from './anthropic/estimates.js';
import type { Demand } from './estimate.js';
import { googleEstimates } from './google/estimates.js';
import { demandTranscription } from './openai/demand-audio.js';
import { openaiEstimates } from './openai/estimates.js';
import type { EstimatesFor } from './operation-estimate.js';
import type { Upload, UploadTerms } from './upload.js';

export { readHostedToolKinds } from './google/hosted-tools.js';
export { speechTokensPerSecond } from './openai/demand-audio.js';
export { partialImageTokens } from './openai/demand-images.js';
export { shownAsJson } from './openai/read-input.js';

/** If an operation has no row in the table of its dialect, this does not compile. */
export const estimateTable: EstimatesFor<BodyOperationId> = {
  ...openaiEstimates,
  ...anthropicEstimates,
  ...googleEstimates,
};

/** Finds the most that an upload can use. If an upload has no row, this does not compile. */
export const uploadTable: Readonly<Record<UploadOperationId, (upload: Upload, terms: UploadTerms) => Demand>> = {
  'openai.audio/transcriptions': demandTranscription,
  'openai.audio/translations': demandTranscription,
};
