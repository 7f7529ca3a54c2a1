import type { RequestAdjustments } from '../upstream-api.js';
import { dropWrittenFiles } from './drop-written-files.js';

export const anthropicAdjustments: RequestAdjustments<'anthropic'> = {
  'anthropic.messages': dropWrittenFiles,
  'anthropic.messages/count_tokens': dropWrittenFiles,
};
