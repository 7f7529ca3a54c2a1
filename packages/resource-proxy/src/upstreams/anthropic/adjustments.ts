import type { RequestAdjustments } from '../upstream-api.js';
import { dropWrittenFiles } from './drop-written-files.js';

/** The adjustments of requests, by operation id. */
export const anthropicAdjustments: RequestAdjustments = {
  'anthropic.messages': dropWrittenFiles,
  'anthropic.messages/count_tokens': dropWrittenFiles,
};
