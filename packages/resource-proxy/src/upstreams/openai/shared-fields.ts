import { type FieldRule, members, oneOf, pricedFor, whole } from '../request-table.js';

export const sampling = 'temperature top_p seed stop presence_penalty frequency_penalty logit_bias logprobs';
export const attribution = 'user safety_identifier metadata client_metadata';
/** What a cache is kept for. Writing one is priced. */
export const caching = 'prompt_cache_key prompt_cache_retention';

/** What keeping a cache for longer costs is not known, nor what filling one without an answer does. */
export const cacheOptions: FieldRule = members('mode', { ttl: pricedFor('30m'), prewarm: pricedFor(false) });

/** Free of charge. Its own model judges the request and the answer. */
export const moderation: FieldRule = members('policy', {
  model: oneOf('omni-moderation-latest', 'omni-moderation-2024-09-26'),
});

export const flag = oneOf(true, false);
export const topLogprobs = whole(0, 20);
export const outputTokens = whole(1, 1_000_000);

/** Standard processing: `priority` costs more. `flex` costs less, and may answer minutes later. */
export const serviceTier = pricedFor('auto', 'default', 'flex');
