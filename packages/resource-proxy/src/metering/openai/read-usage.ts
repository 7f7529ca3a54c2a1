import { isJsonObject, type JsonObject, type Processing, type Usage } from '@aipassport/policy';
import {
  readDetails,
  readUsageCount,
  requireCount,
  requireSome,
  requireTotal,
  requireUsage,
  subtractParts,
} from '../read-counts.js';
import { listParts, withTools } from '../tool-usage.js';
import { refuseUsage } from '../usage-reading.js';
import { readTokens } from './read-tokens.js';

/** Reads the service tier in which a request was processed. `flex` is slower and costs less. */
export function readTier({ service_tier: tier }: JsonObject): Processing {
  return tier === 'flex' ? { tier } : {};
}

/**
 * Reads the `usage` of a chat completion, or of the last chunk of a stream. Reasoning is part of the completion tokens.
 */
export function readChatUsage(answer: JsonObject): Usage {
  const usage = requireUsage(answer.usage);
  requireStandardTier(answer);
  const input = requireCount(usage, 'prompt_tokens');
  // In its OpenAI-compatible API, Google counts thinking tokens in the total only.
  const output = Math.max(
    requireCount(usage, 'completion_tokens'),
    (readUsageCount(usage, 'total_tokens') ?? 0) - input,
  );
  requireSome(input);
  requireTotal(usage, 'total_tokens', input + output);
  const inputDetails = readDetails(usage, 'prompt_tokens_details');
  const outputDetails = readDetails(usage, 'completion_tokens_details');
  const audio = readUsageCount(outputDetails, 'audio_tokens') ?? 0;
  subtractParts(output, readUsageCount(outputDetails, 'reasoning_tokens') ?? 0);
  return {
    ...readInput(input, inputDetails),
    outputTokens: subtractParts(output, audio),
    ...(audio > 0 && { outputAudioTokens: audio }),
  };
}

/**
 * Reads the `usage` of a legacy completion. If no text was written, the completion count is absent, and the total is
 * equal to the prompt count.
 */
export function readCompletionUsage(answer: JsonObject): Usage {
  const usage = requireUsage(answer.usage);
  if (usage.completion_tokens !== undefined || usage.total_tokens !== usage.prompt_tokens) return readChatUsage(answer);
  return readChatUsage({ ...answer, usage: { ...usage, completion_tokens: 0 } });
}

/** Reads the usage of a response and of its tool calls. */
export function readResponse(response: JsonObject): Usage {
  return withTools(readResponseUsage(response), countToolCalls(listParts(response.output)));
}

/**
 * Reads the `usage` of a response of the Responses API. `countToolCalls` counts the tool calls, which are billed
 * separately.
 */
export function readResponseUsage(response: JsonObject): Usage {
  const usage = requireUsage(response.usage);
  requireStandardTier(response);
  const { input, output } = readTokens(usage);
  subtractParts(output, readUsageCount(readDetails(usage, 'output_tokens_details'), 'reasoning_tokens') ?? 0);
  return { ...readInput(input, readDetails(usage, 'input_tokens_details')), outputTokens: output };
}

/**
 * Requests ask for the default tier or for the cheaper tier `flex`. If the vendor nevertheless serves a request in a
 * more expensive tier, this proxy does not know the price.
 */
function requireStandardTier({ service_tier: tier }: JsonObject): void {
  if (tier === 'priority') refuseUsage('usage_contradictory');
}

function readInput(input: number, details: JsonObject): Usage {
  const cached = readUsageCount(details, 'cached_tokens') ?? 0;
  const written = readUsageCount(details, 'cache_write_tokens') ?? 0;
  const audio = readUsageCount(details, 'audio_tokens') ?? 0;
  return {
    inputTokens: subtractParts(input, cached, written, audio),
    ...(cached > 0 && { cacheReadTokens: cached }),
    ...(written > 0 && { cacheWriteTokens: written }),
    ...(audio > 0 && { inputAudioTokens: audio }),
  };
}

export function readEmbeddingsUsage(answer: JsonObject): Usage {
  const usage = requireUsage(answer.usage);
  const input = requireCount(usage, 'prompt_tokens');
  requireSome(input);
  requireTotal(usage, 'total_tokens', input);
  return { inputTokens: input };
}

/**
 * The vendor counts pictures in tokens. The output tokens are those of the pictures, except for the text tokens, if the
 * vendor reports any. Models that are billed by the picture report no usage, so the pictures in the answer are counted.
 */
export function readImagesUsage(answer: JsonObject): Usage {
  if (answer.usage === undefined && Array.isArray(answer.data) && answer.data.length > 0)
    return { outputImages: answer.data.length };
  const usage = requireUsage(answer.usage);
  const { input, output } = readTokens(usage);
  requireSome(output);
  const images = readUsageCount(readDetails(usage, 'input_tokens_details'), 'image_tokens') ?? 0;
  const text = readUsageCount(readDetails(usage, 'output_tokens_details'), 'text_tokens') ?? 0;
  return {
    inputTokens: subtractParts(input, images),
    ...(images > 0 && { inputImageTokens: images }),
    outputImageTokens: subtractParts(output, text),
    ...(text > 0 && { outputTokens: text }),
  };
}

/**
 * Counts the billed units of a response's tools: searches, and containers in which the vendor ran code. Pages that are
 * opened after a search are not billed.
 */
export function countToolCalls(items: readonly unknown[]): Usage {
  let webSearches = 0;
  const containers = new Set<unknown>();
  for (const item of items) {
    if (!isJsonObject(item)) continue;
    if (item.type === 'web_search_call' && !isNavigation(item.action)) webSearches += 1;
    if (item.type === 'code_interpreter_call') containers.add(item.container_id);
  }
  return { ...(webSearches > 0 && { webSearches }), ...(containers.size > 0 && { codeSessions: containers.size }) };
}

function isNavigation(action: unknown): boolean {
  return isJsonObject(action) && (action.type === 'open_page' || action.type === 'find_in_page');
}
