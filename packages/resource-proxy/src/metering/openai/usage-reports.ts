import {
  isJsonObject,
  type JsonObject,
  type NanoUsd,
  type Processing,
  scaleDecimal,
  type Usage,
  type UsageReport,
} from '@aipassport/policy';
import type { OperationMetering } from '../operation-metering.js';
import { readDetails, readUsageCount, requireUsage } from '../read-counts.js';
import { refuseUsage } from '../usage-reading.js';
import { readChatUsage } from './read-usage.js';
import { tapLastUsage } from './tap-usage.js';

interface ReportReader {
  readonly readUsage: (answer: JsonObject) => Usage;
  readonly readProcessing: (answer: JsonObject) => Processing;
}

const reports: Readonly<Record<UsageReport, ReportReader>> = {
  cache_hits: { readUsage: readWithHits, readProcessing: () => ({}) },
  thinking_beside: {
    readUsage: readWithThinking,
    readProcessing: readCharge((usage) => readTicks(usage.cost_in_usd_ticks)),
  },
  cost: { readUsage: readChatUsage, readProcessing: readCharge(readCost) },
};

/** The metering of the chats of a vendor whose usage reports differ from OpenAI's. */
export function reportedBy(chat: OperationMetering, report: UsageReport): OperationMetering {
  const { readUsage, readProcessing } = reports[report];
  return { ...chat, readUsage, readProcessing, tap: () => tapLastUsage(readUsage, readProcessing) };
}

/**
 * DeepSeek, https://api-docs.deepseek.com/api/create-chat-completion: `prompt_tokens` is the sum of
 * `prompt_cache_hit_tokens` and `prompt_cache_miss_tokens`. If the report also has OpenAI's member for cached tokens,
 * the smaller count is used.
 */
function readWithHits(answer: JsonObject): Usage {
  const usage = requireUsage(answer.usage);
  const counts = [
    readUsageCount(usage, 'prompt_cache_hit_tokens'),
    readUsageCount(readDetails(usage, 'prompt_tokens_details'), 'cached_tokens'),
  ].filter((count) => count !== undefined);
  const cached = counts.length === 0 ? 0 : Math.min(...counts);
  return readChatUsage({ ...answer, usage: { ...usage, prompt_tokens_details: { cached_tokens: cached } } });
}

/**
 * xAI: thinking is in the total and not in `completion_tokens`. The price of a search is not known, and requests with a
 * search are refused. So if an answer used sources and does not state its cost, its usage is not trusted.
 */
function readWithThinking(answer: JsonObject): Usage {
  const usage = requireUsage(answer.usage);
  const sources = readUsageCount(usage, 'num_sources_used') ?? 0;
  if (sources > 0 && readTicks(usage.cost_in_usd_ticks) === undefined) refuseUsage('usage_contradictory');
  if (readUsageCount(usage, 'total_tokens') !== undefined) return readChatUsage(answer);
  const thinking = readUsageCount(readDetails(usage, 'completion_tokens_details'), 'reasoning_tokens') ?? 0;
  const written = readUsageCount(usage, 'completion_tokens') ?? refuseUsage('usage_missing');
  return readChatUsage({ ...answer, usage: { ...usage, completion_tokens: written + thinking } });
}

function readCharge(read: (usage: JsonObject) => NanoUsd | undefined): (answer: JsonObject) => Processing {
  return ({ usage }) => (isJsonObject(usage) ? { chargedNanoUsd: read(usage) } : {});
}

/** xAI, https://docs.x.ai/developers/cost-tracking: a dollar has 10,000,000,000 ticks. */
function readTicks(ticks: unknown): NanoUsd | undefined {
  return typeof ticks === 'number' && Number.isSafeInteger(ticks) && ticks >= 0
    ? (BigInt(ticks) + 9n) / 10n
    : undefined;
}

/**
 * OpenRouter, https://openrouter.ai/docs/use-cases/usage-accounting: `cost` is what OpenRouter charged the account, in
 * dollars. If the account uses its own key for the provider that hosts the model, that provider charges
 * `upstream_inference_cost` in addition.
 */
function readCost(usage: JsonObject): NanoUsd | undefined {
  const cost = readUsd(usage.cost);
  const details = isJsonObject(usage.cost_details) ? usage.cost_details : {};
  const ofHost = usage.is_byok === false ? 0n : (readUsd(details.upstream_inference_cost) ?? 0n);
  return cost === undefined ? undefined : cost + ofHost;
}

function readUsd(amount: unknown): NanoUsd | undefined {
  return typeof amount === 'number' ? scaleDecimal(amount, 9) : undefined;
}
