import { type FieldRule, type FieldTable, harmless, output, rate, tools } from '../field.js';
import { flag, members, oneOf, pricedFor, whole } from '../field-rule.js';

export const outputTokens: FieldRule = whole(1, 1_000_000);

export const sampling = {
  temperature: harmless('The sampling temperature: higher values give more random answers.'),
  top_p: harmless('The model samples from the most probable tokens whose probabilities add up to this value.'),
  seed: harmless('A seed that makes the sampling repeatable.'),
  stop: harmless('Texts that end the answer.'),
  presence_penalty: harmless('Lowers the probability of tokens already used.'),
  frequency_penalty: harmless('Lowers the probability of a token further each time it is used.'),
  logit_bias: harmless('Raises or lowers the probability of single tokens.'),
  logprobs: harmless('Whether the answer contains the log probabilities of its tokens.'),
} satisfies FieldTable;

const topLogprobs = harmless(
  'The number of most probable alternatives that are reported for each token.',
  whole(0, 20),
);

export const attribution = {
  user: harmless('Your identifier of an end user.'),
  safety_identifier: harmless('Your identifier of an end user, for the provider’s abuse checks.'),
  metadata: harmless('Your own notes about the request.'),
  client_metadata: harmless('Notes about the client program.'),
} satisfies FieldTable;

export const caching = {
  prompt_cache_key: harmless('Requests with the same value share a cache.'),
  prompt_cache_retention: harmless('How long the cached prompt is kept.'),
} satisfies FieldTable;

/**
 * The price of writing a cache is known. The prices of keeping a cache longer than 30 minutes, and of filling a cache
 * without an answer, are unknown.
 */
const cacheOptions = rate(
  'How the prompt is cached.',
  members({
    mode: harmless('When the cache is written.'),
    ttl: rate('How long the cache is kept.', pricedFor('30m')),
    prewarm: rate('Whether the request only fills the cache, without an answer.', pricedFor(false)),
  }),
);

/** A model of the vendor checks the request and the answer. The check is free of charge. */
const moderation = harmless(
  'Checks the request and the answer for offensive content.',
  members({
    policy: harmless('What is checked.'),
    model: harmless('The model that checks.', oneOf('omni-moderation-latest', 'omni-moderation-2024-09-26')),
  }),
);

/** `priority` costs more. `flex` costs less, and may answer minutes later. */
const serviceTier = rate('How fast the request is served.', pricedFor('auto', 'default', 'flex'));

export const stream = harmless('Whether the answer is streamed.', flag);

/**
 * Servers that are compatible with OpenAI have further options, which change how a stream reports its usage. The table
 * lacks these options, so the proxy leaves them out.
 */
export const streamOptions = {
  include_usage: harmless('Whether the stream ends with the usage of the request.', flag),
  include_obfuscation: harmless('Whether random padding hides the lengths of the events from eavesdroppers.', flag),
} satisfies FieldTable;

export const choices = output('How many answers are generated. Each is billed.', whole(1, 128));

/** The fields that chat completions and responses share. */
export const answerFields = {
  tools: tools('The tools that the model may call.'),
  tool_choice: harmless('Whether the model has to call a tool, and which one.'),
  parallel_tool_calls: harmless('Whether the model may call several tools at once.'),
  ...sampling,
  top_logprobs: topLogprobs,
  ...attribution,
  ...caching,
  prompt_cache_options: cacheOptions,
  moderation,
  stream,
  service_tier: serviceTier,
} satisfies FieldTable;
