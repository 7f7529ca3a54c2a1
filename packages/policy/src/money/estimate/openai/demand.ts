import type { PricedBodyOf } from '../../../fields/field-tables.js';
import type { JsonObject } from '../../json.js';
import { totalInputTokens } from '../../usage.js';
import type { CallTerms } from '../call-terms.js';
import { refuseCost } from '../cost-refusal.js';
import { bindOutput, boundBody, demandChat } from '../demand-chat.js';
import type { Demand } from '../estimate.js';
import { type HostedTools, noHostedTools } from '../hosted-tools.js';
import { measureInput } from '../measure-input.js';
import { isSet, readChoices, readCount } from '../output-limit.js';
import { addUnreported, readChatSearch } from './chat-search.js';
import { readOpenaiTools } from './hosted-tools.js';
import { limitChat, limitResponse } from './output-limit.js';
import { listeningInput, openaiInput } from './read-input.js';

/**
 * Covers the sentences that OpenAI adds to the prompt when a request has a schema for its answer. The text that frames
 * messages and tools needs no addition: it takes fewer tokens than their JSON, which is counted.
 */
const frameTokens = 256;

type ChatBody = PricedBodyOf<'openai.chat/completions'>;
type ResponsesBody = PricedBodyOf<'openai.responses'>;

export function demandOpenaiChat(body: ChatBody, terms: CallTerms): Demand {
  // In OpenAI's format, the usage report of Google's picture models does not separate pictures from text. Text costs a
  // tenth of pictures.
  if (terms.price.named.has('outputImageTokens')) refuseCost('model', 'not_priced');
  const given = (['max_completion_tokens', 'max_tokens'] as const).flatMap((name) => readCount(body, name) ?? []);
  const choices = readChoices(body, 'n');
  // At OpenAI, only the operation `responses` runs tools. The cost of tools in a chat is not known for any vendor.
  if (readOpenaiTools(body, terms.price) !== noHostedTools) refuseCost('tools', 'not_priced');
  const search = readChatSearch(body, terms.price, choices);
  const demand = demandOpenai(body, terms, {
    limit: given.length === 0 ? undefined : Math.max(...given),
    choices,
    tools: search?.tools ?? noHostedTools,
    writeLimit: limitChat,
  });
  const searched = search === undefined ? demand : addUnreported(demand, search.fees);
  return isSet(body.prediction) ? withPrediction(searched, body) : searched;
}

/**
 * https://platform.openai.com/docs/guides/predicted-outputs: a request with a prediction cannot have an output limit.
 * The part of the prediction that is not in the answer is billed as output too.
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

/** `terms.storedTokens` counts the input that `previous_response_id`, `conversation` and references add. */
export function demandOpenaiResponses(body: ResponsesBody, terms: CallTerms): Demand {
  return demandOpenai(body, terms, {
    limit: readCount(body, 'max_output_tokens'),
    choices: 1,
    tools: readOpenaiTools(body, terms.price),
    writeLimit: limitResponse,
  });
}

interface OpenaiParts {
  /** The output limit of the request itself. */
  readonly limit: number | undefined;
  readonly choices: number;
  readonly tools: HostedTools;
  /** Writes an output limit for all choices together. */
  readonly writeLimit: (body: JsonObject, tokens: number) => JsonObject;
}

function demandOpenai(
  body: ChatBody | ResponsesBody,
  terms: CallTerms,
  { limit, choices, tools, writeLimit }: OpenaiParts,
): Demand {
  const { maxOutputTokens, sharedWindowTokens = Number.POSITIVE_INFINITY } = terms.limits;
  const listens = terms.price.named.has('inputAudioTokens');
  const addedTokens = frameTokens + (terms.storedTokens ?? 0);
  const bound = boundBody(body, terms, listens ? listeningInput : openaiInput, addedTokens);
  // The limit is not written if the prompt may leave less room than the model's maximum, because the vendor refuses
  // such a limit. Without a limit, the vendor applies the maximum by itself.
  const isWritten =
    limit === undefined && totalInputTokens(bound.inputs[0] ?? {}) + maxOutputTokens <= sharedWindowTokens;
  const pinned = pinServiceTier(body, terms);
  return demandChat(
    isWritten ? writeLimit(pinned, maxOutputTokens * choices) : pinned,
    {
      bound,
      output: bindOutput({ asked: limit, maximum: maxOutputTokens, choices }),
      tools,
    },
    terms,
  );
}

/**
 * If the vendor has service tiers, the tier is always written into the request. If it were absent or `auto`, the
 * vendor would use the tier that is set for the provider key's project, which may cost twice as much. A `flex` request
 * reserves the full price, because the vendor may answer in another tier; the settlement uses the tier of the answer.
 * Other vendors with OpenAI's format have no tiers, so the member is left out.
 */
function pinServiceTier({ service_tier: tier, ...body }: ChatBody | ResponsesBody, { price }: CallTerms): JsonObject {
  if (price.billing.hasServiceTiers !== true) return body;
  if (tier === 'flex') return { ...body, service_tier: tier };
  if (tier === undefined || tier === null || tier === 'auto' || tier === 'default')
    return { ...body, service_tier: 'default' };
  return refuseCost('service_tier', 'not_priced');
}
