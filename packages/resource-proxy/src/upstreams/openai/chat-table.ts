import {
  members,
  needs,
  nothingStored,
  onlyDefault,
  pricedFor,
  type RequestTable,
  whole,
  words,
} from '../request-table.js';
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

/** https://platform.openai.com/docs/api-reference/chat/create */
export const chatTable: RequestTable = {
  passed: words(
    'model messages tools tool_choice parallel_tool_calls functions function_call',
    'response_format reasoning_effort verbosity prediction',
    sampling,
    attribution,
    caching,
  ),
  judged: {
    stream: flag,
    // Compatible servers know of more options, which change how a stream tells its usage.
    stream_options: members('', { include_usage: flag, include_obfuscation: flag }),
    n: whole(1, 128),
    max_tokens: outputTokens,
    max_completion_tokens: outputTokens,
    top_logprobs: topLogprobs,
    prompt_cache_options: cacheOptions,
    moderation,
    modalities: pricedFor(['text']),
    service_tier: serviceTier,
    web_search_options: needs('tools.web'),
    store: nothingStored(false),
    // Spoken answers.
    audio: onlyDefault(),
  },
  adjust: (_body, { capabilities }, modelId) => {
    if (searchModel.test(modelId)) capabilities.add('tools.web');
  },
};

/** Searches for every answer, whether or not the request says how. */
const searchModel = /-search-(preview|api)/;
