import type { RequestAdjustment } from '../request-table.js';
import { dropWrittenFiles } from './drop-written-files.js';

/** By operation id. */
export const anthropicAdjustments: Readonly<Record<string, RequestAdjustment>> = {
  'anthropic.messages': dropWrittenFiles,
  'anthropic.messages/count_tokens': dropWrittenFiles,
};
