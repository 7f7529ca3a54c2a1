import { members, nothingStored, onlyDefault, type RequestTable, whole, words } from '../request-table.js';
import { applyCountState, applyResponseState } from './response-state.js';
import {
  attribution,
  cacheOptions,
  caching,
  flag,
  moderation,
  outputTokens,
  sampling,
  serviceTier,
  topLogprobs,
} from './shared-fields.js';

/** https://platform.openai.com/docs/api-reference/responses/create */
export const responsesTable: RequestTable = {
  passed: words(
    'model input instructions tools tool_choice parallel_tool_calls text reasoning truncation include image',
    // Judged by `applyResponseState`.
    'previous_response_id conversation',
    sampling,
    attribution,
    caching,
  ),
  judged: {
    stream: flag,
    stream_options: members('', { include_obfuscation: flag }),
    max_output_tokens: outputTokens,
    max_tool_calls: whole(1, 128),
    top_logprobs: topLogprobs,
    prompt_cache_options: cacheOptions,
    moderation,
    service_tier: serviceTier,
    context_management: onlyDefault([]),
    // What the owner's organisation was admitted to.
    access_programs: onlyDefault({ cyber: 'standard' }),
    store: flag,
    background: flag,
    prompt: nothingStored(),
  },
  adjust: applyResponseState,
};

/** https://platform.openai.com/docs/api-reference/responses/input-tokens: what would be read, and nothing is written. */
export const inputTokensTable: RequestTable = {
  passed: words(...responsesTable.passed, 'personality'),
  judged: { stream: flag, prompt: nothingStored() },
  adjust: applyCountState,
};
