import { type FieldRule, type FieldTable, harmless, output, rate, tools } from '../field.js';
import { flag, members, oneOf, pricedFor, whole } from '../field-rule.js';

export const outputTokens: FieldRule = whole(1, 1_000_000);

export const sampling = {
  temperature: harmless('How freely tokens are drawn.'),
  top_p: harmless('The total probability of the likeliest tokens, from which the model draws.'),
  seed: harmless('Makes the drawing of tokens repeatable.'),
  stop: harmless('Texts that end the answer.'),
  presence_penalty: harmless('Disfavours tokens that were used.'),
  frequency_penalty: harmless('Disfavours a token more each time it is used.'),
  logit_bias: harmless('Favours or disfavours single tokens.'),
  logprobs: harmless('Whether the answer has the probabilities of its tokens.'),
} satisfies FieldTable;

const topLogprobs = harmless('How many likely alternatives are shown for each token.', whole(0, 20));

export const attribution = {
  user: harmless('Your name for an end user.'),
  safety_identifier: harmless('Your name for an end user, for the provider’s abuse checks.'),
  metadata: harmless('Your own notes.'),
  client_metadata: harmless('Notes of the client program.'),
} satisfies FieldTable;

export const caching = {
  prompt_cache_key: harmless('Requests with the same value share a cache.'),
  prompt_cache_retention: harmless('How long a cache is kept.'),
} satisfies FieldTable;

/**
 * The price of writing a cache is known. The prices of keeping a cache longer than 30 minutes, and of filling a cache
 * without an answer, are unknown.
 */
const cacheOptions = rate(
  'How the cache is written.',
  members({
    mode: harmless('When the cache is written.'),
    ttl: rate('How long the cache is kept.', pricedFor('30m')),
    prewarm: rate('Whether the cache is filled without an answer.', pricedFor(false)),
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

export const stream = harmless('Whether the answer comes in pieces.', flag);

/**
 * Servers that are compatible with OpenAI have further options, which change how a stream reports its usage. The table
 * lacks these options, so the proxy leaves them out.
 */
export const streamOptions = {
  include_usage: harmless('Whether the stream ends with its usage.', flag),
  include_obfuscation: harmless('Whether pieces are padded against eavesdroppers.', flag),
} satisfies FieldTable;

export const choices = output('How many answers are written. Each is billed.', whole(1, 128));

/** The fields that chat completions and responses share. */
export const answerFields = {
  tools: tools('What the model may call.'),
  tool_choice: harmless('Which tool the model has to call.'),
  parallel_tool_calls: harmless('Whether several tools may be called at once.'),
  ...sampling,
  top_logprobs: topLogprobs,
  ...attribution,
  ...caching,
  prompt_cache_options: cacheOptions,
  moderation,
  stream,
  service_tier: serviceTier,
} satisfies FieldTable;
