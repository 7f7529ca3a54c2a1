import type { JsonObject } from '../json.js';
import { totalInputTokens } from '../usage.js';
import type { CallTerms } from './call-terms.js';
import { refuseCost } from './cost-refusal.js';
import { bindOutput, boundBody, demandChat } from './demand-chat.js';
import { refuseMember, requireOneOf } from './demand-members.js';
import type { Demand } from './estimate.js';
import { readOpenaiTools } from './hosted-tools.js';
import { readChoices, readCount, withOutputLimit } from './output-limit.js';
import { listeningInput, openaiInput } from './read-openai-input.js';

/** OpenAI frames messages and tools with less than their own JSON takes, and an answer's schema with some sentences. */
const frameTokens = 256;

export function demandOpenaiChat(body: JsonObject, terms: CallTerms): Demand {
  for (const member of ['prediction', 'web_search_options', 'audio']) refuseMember(body, member, 'not_priced');
  requireOneOf(body, 'modalities', [['text']]);
  const limits = [readCount(body, 'max_completion_tokens'), readCount(body, 'max_tokens')];
  const given = limits.filter((limit) => limit !== undefined);
  return demandOpenai(body, terms, given.length === 0 ? undefined : Math.max(...given), readChoices(body, 'n'));
}

export function demandOpenaiResponses(body: JsonObject, terms: CallTerms): Demand {
  for (const member of ['previous_response_id', 'conversation', 'prompt', 'context_management']) {
    refuseMember(body, member, 'not_bounded');
  }
  if (body.background === true) refuseCost('background', 'not_bounded');
  return demandOpenai(body, terms, readCount(body, 'max_output_tokens'), 1);
}

function demandOpenai(body: JsonObject, terms: CallTerms, limit: number | undefined, choices: number): Demand {
  const { maxOutputTokens, sharedWindowTokens = Number.POSITIVE_INFINITY } = terms.limits;
  const listens = terms.price.named.has('inputAudioTokens');
  const bound = boundBody(body, terms, listens ? listeningInput : openaiInput, frameTokens);
  // With a prompt that may leave less room than its maximum, the vendor refuses such a limit and keeps to it unasked.
  const isWritten =
    limit === undefined && totalInputTokens(bound.inputs[0] ?? {}) + maxOutputTokens <= sharedWindowTokens;
  const pinned = { ...body, service_tier: readServiceTier(body) };
  return demandChat(
    isWritten ? withOutputLimit(terms.operationId, pinned, maxOutputTokens * choices) : pinned,
    {
      bound,
      output: bindOutput({ asked: limit, maximum: maxOutputTokens, choices }),
      tools: readOpenaiTools(body, terms.price),
    },
    terms,
  );
}

/**
 * Pinned: absent or `auto` it would be what the project of the key is set to, which may cost twice as much. `flex` costs
 * less than is set aside here.
 */
function readServiceTier({ service_tier: tier }: JsonObject): string {
  if (tier === 'flex') return tier;
  if (tier === undefined || tier === null || tier === 'auto' || tier === 'default') return 'default';
  return refuseCost('service_tier', 'not_priced');
}
