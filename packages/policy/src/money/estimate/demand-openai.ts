import type { PricedBodyOf } from '../../fields/field-tables.js';
import type { JsonObject } from '../json.js';
import { totalInputTokens } from '../usage.js';
import type { CallTerms } from './call-terms.js';
import { addUnreported, readChatSearch } from './chat-search.js';
import { refuseCost } from './cost-refusal.js';
import { bindOutput, boundBody, demandChat } from './demand-chat.js';
import type { Demand } from './estimate.js';
import { type HostedTools, noHostedTools, readOpenaiTools } from './hosted-tools.js';
import { measureInput } from './measure-input.js';
import { isSet, readChoices, readCount, withOutputLimit } from './output-limit.js';
import { listeningInput, openaiInput } from './read-openai-input.js';

/** OpenAI frames messages and tools with less than their own JSON takes, and an answer's schema with some sentences. */
const frameTokens = 256;

type ChatBody = PricedBodyOf<'openai.chat/completions'>;
type ResponsesBody = PricedBodyOf<'openai.responses'>;

export function demandOpenaiChat(body: ChatBody, terms: CallTerms): Demand {
  // Google's models that make pictures: the usage of a chat does not tell these from text, which costs a tenth.
  if (terms.price.named.has('outputImageTokens')) refuseCost('model', 'not_priced');
  const given = (['max_completion_tokens', 'max_tokens'] as const).flatMap((name) => readCount(body, name) ?? []);
  const choices = readChoices(body, 'n');
  // Only Responses run tools at OpenAI. What they would cost in a chat, at any vendor, is not known.
  if (readOpenaiTools(body, terms.price) !== noHostedTools) refuseCost('tools', 'not_priced');
  const search = readChatSearch(body, terms.price, choices);
  const demand = demandOpenai(body, terms, {
    limit: given.length === 0 ? undefined : Math.max(...given),
    choices,
    tools: search?.tools ?? noHostedTools,
  });
  const searched = search === undefined ? demand : addUnreported(demand, search.fees);
  return isSet(body.prediction) ? withPrediction(searched, body) : searched;
}

/**
 * https://platform.openai.com/docs/guides/predicted-outputs: no limit may be set beside a prediction, and what of the
 * prediction is not taken over into the answer is billed as output too.
 */
function withPrediction({ output, ...demand }: Demand, body: ChatBody): Demand {
  if (output === undefined) return demand;
  const { max_completion_tokens: _written, ...unlimited } = demand.body;
  const rejected = measureInput(body.prediction, openaiInput).textTokens;
  const outputTokens = (output.tokens + rejected) * output.choices;
  return {
    ...demand,
    body: isSet(body.max_completion_tokens) ? demand.body : unlimited,
    inputs: demand.inputs.map((usage) => ({ ...usage, outputTokens })),
  };
}

/** What `previous_response_id`, `conversation` and references bring in is counted in `storedTokens`. */
export function demandOpenaiResponses(body: ResponsesBody, terms: CallTerms): Demand {
  return demandOpenai(body, terms, {
    limit: readCount(body, 'max_output_tokens'),
    choices: 1,
    tools: readOpenaiTools(body, terms.price),
  });
}

interface OpenaiParts {
  /** The output limit of the request itself. */
  readonly limit: number | undefined;
  readonly choices: number;
  readonly tools: HostedTools;
}

function demandOpenai(
  body: ChatBody | ResponsesBody,
  terms: CallTerms,
  { limit, choices, tools }: OpenaiParts,
): Demand {
  const { maxOutputTokens, sharedWindowTokens = Number.POSITIVE_INFINITY } = terms.limits;
  const listens = terms.price.named.has('inputAudioTokens');
  const addedTokens = frameTokens + (terms.storedTokens ?? 0);
  const bound = boundBody(body, terms, listens ? listeningInput : openaiInput, addedTokens);
  // With a prompt that may leave less room than its maximum, the vendor refuses such a limit and keeps to it unasked.
  const isWritten =
    limit === undefined && totalInputTokens(bound.inputs[0] ?? {}) + maxOutputTokens <= sharedWindowTokens;
  const pinned = pinServiceTier(body, terms);
  return demandChat(
    isWritten ? withOutputLimit(terms.operationId, pinned, maxOutputTokens * choices) : pinned,
    {
      bound,
      output: bindOutput({ asked: limit, maximum: maxOutputTokens, choices }),
      tools,
    },
    terms,
  );
}

/**
 * Pinned: absent or `auto` it would be what the project of the key is set to, which may cost twice as much. `flex` costs
 * less than is set aside here: the vendor may answer in another tier, and the settlement goes by that. Vendors that only speak as OpenAI does have no tiers.
 */
function pinServiceTier({ service_tier: tier, ...body }: ChatBody | ResponsesBody, { price }: CallTerms): JsonObject {
  if (price.upstream !== 'openai') return body;
  if (tier === 'flex') return { ...body, service_tier: tier };
  if (tier === undefined || tier === null || tier === 'auto' || tier === 'default')
    return { ...body, service_tier: 'default' };
  return refuseCost('service_tier', 'not_priced');
}
