import type { PricedBodyOf } from '../../../fields/field-tables.js';
import { isJsonObject, type JsonObject } from '../../json.js';
import { refuseCost } from '../cost-refusal.js';
import { leastOutputTokens } from '../estimate.js';

/**
 * Anthropic's smallest thinking budget. A thinking budget is a part of the output limit and must be smaller than the
 * limit.
 */
const leastThinkingTokens = 1_024;

type ThinkingBody = PricedBodyOf<'anthropic.messages'>;

/**
 * The smallest useful output limit. With a thinking budget it is higher, because Anthropic refuses a limit that leaves
 * no room for the smallest budget.
 */
export function leastWithThinking({ thinking }: ThinkingBody): number {
  return readThinkingBudget(thinking) === undefined ? leastOutputTokens : leastThinkingTokens + leastOutputTokens;
}

/**
 * Anthropic accepts a thinking budget of at least 1,024 tokens and below the output limit. In a request with tools, the
 * budget may exceed the output limit, because it can cover several answers (interleaved thinking).
 *
 * @throws CostRefused if Anthropic would not accept the budget
 */
export function requireThinkingBudget({ thinking, tools }: ThinkingBody, maxTokens: number): void {
  if (!isJsonObject(thinking)) return;
  const budget = thinking.budget_tokens;
  if (budget === undefined || budget === null) return;
  const isCount = typeof budget === 'number' && Number.isSafeInteger(budget);
  const hasTools = Array.isArray(tools) && tools.length > 0;
  if (!isCount || budget < leastThinkingTokens || (budget >= maxTokens && !hasTools))
    refuseCost('thinking.budget_tokens', 'malformed');
}

function readThinkingBudget(thinking: unknown): number | undefined {
  return isJsonObject(thinking) && typeof thinking.budget_tokens === 'number' ? thinking.budget_tokens : undefined;
}

export function limitMessage(body: ThinkingBody, tokens: number): JsonObject {
  return { ...body, max_tokens: tokens, ...lowerThinking(body, tokens) };
}

function lowerThinking({ thinking }: ThinkingBody, tokens: number): JsonObject {
  const budget = readThinkingBudget(thinking);
  if (budget === undefined || budget < tokens || !isJsonObject(thinking)) return {};
  return { thinking: { ...thinking, budget_tokens: Math.max(leastThinkingTokens, tokens - leastOutputTokens) } };
}
