import { costOf } from '../cost.js';
import type { JsonObject } from '../json.js';
import type { NanoUsd } from '../nano-usd.js';
import type { Price } from '../price.js';
import { totalInputTokens, totalOutputTokens, type Usage, type UsageKind } from '../usage.js';
import { refuseCost } from './cost-refusal.js';

/** The smallest useful output limit, in tokens. Some operations accept no smaller limit. */
export const leastOutputTokens = 16;

/** A request's share of a budget covers at least this many output tokens, unless the request asks for fewer. */
const shareOutputTokens = 4_096;

/** The most that a request can cost, and how to make it cost less. */
export interface Estimate {
  /** The settlement must start from this price too: see `priceOfAnswer`. */
  readonly price: Price;
  /** The body to forward. It contains every bound that the estimate relies on. */
  readonly body: JsonObject;
  readonly worstCaseNanoUsd: NanoUsd;
  /** The cost with the smallest useful output. A budget that does not cover this cost counts as exhausted. */
  readonly floorNanoUsd: NanoUsd;
  /** The cost with a useful output: the smallest reservation while other requests use the same budget. */
  readonly shareNanoUsd: NanoUsd;
  readonly inputTokens: number;
  /** The output limit of all choices together. undefined: the operation has no output limit. */
  readonly output: OutputBound | undefined;
  /** The input's usage, for every way in which it may be billed. */
  readonly inputs: readonly Usage[];
  /** Usage that is billed but not in the answer's report, such as the search of a chat. */
  readonly unreported: Usage | undefined;
  /** The calls of tools that the vendor runs. undefined: no such tool has a limit that can be set. */
  readonly toolCalls: ToolCallBound | undefined;
}

export interface OutputBound {
  readonly kind: UsageKind;
  /** The output limit of one choice. */
  readonly tokens: number;
  readonly choices: number;
  /** The minimum for one choice. The vendor would refuse a lower limit, or the answer would be useless. */
  readonly leastTokens: number;
  /** Whether the request has no output limit. If so, `tokens` is the model's limit. */
  readonly isOpen: boolean;
  /** Whether the answer may repeat the input. Such an answer has more text than the model wrote. */
  readonly mayRepeatInput?: boolean;
}

export interface ToolCallBound {
  readonly most: number;
  /** With fewer calls, the tool would be useless. */
  readonly least: number;
  /** Limits the request to this many calls, and gives its usage with that limit. */
  readonly limitedTo: (calls: number) => Pick<Demand, 'body' | 'inputs'>;
}

/** The most that a request can use, as its operation's estimate found it. */
export interface Demand {
  readonly body: JsonObject;
  readonly inputs: readonly Usage[];
  readonly output?: OutputBound | undefined;
  readonly unreported?: Usage | undefined;
  readonly toolCalls?: ToolCallBound | undefined;
}

/** @throws CostRefused when a part of the request has no price */
export function buildEstimate(price: Price, { body, inputs, output, unreported, toolCalls }: Demand): Estimate {
  const least = toolCalls === undefined ? inputs : toolCalls.limitedTo(toolCalls.least).inputs;
  return {
    price,
    body,
    inputs,
    output,
    unreported,
    toolCalls,
    inputTokens: Math.max(...inputs.map(totalInputTokens)),
    worstCaseNanoUsd: costWith({ price, inputs, output }, output?.tokens ?? 0),
    floorNanoUsd: costWith({ price, inputs: least, output }, output?.leastTokens ?? 0),
    shareNanoUsd: costWith({ price, inputs: least, output }, output === undefined ? 0 : shareOf(output)),
  };
}

function shareOf({ tokens, leastTokens }: OutputBound): number {
  return Math.min(tokens, Math.max(leastTokens, shareOutputTokens));
}

/** The most input and output tokens that a request can use. They count towards the limit of tokens per minute. */
export function totalTokens({ inputs, inputTokens, output }: Estimate): number {
  const outputTokens =
    output === undefined ? Math.max(...inputs.map(totalOutputTokens)) : output.tokens * output.choices;
  return inputTokens + outputTokens;
}

/**
 * Limits a request to as many tool calls as a budget covers together with the whole answer. If the budget does not even
 * cover the smallest number, the request keeps the smallest number and its answer must be shorter.
 */
export function lowerToolCalls(estimate: Estimate, budgetNanoUsd: NanoUsd): Estimate {
  const { price, output, toolCalls } = estimate;
  if (toolCalls === undefined || estimate.worstCaseNanoUsd <= budgetNanoUsd) return estimate;
  const calls = findMost(
    toolCalls,
    (each) =>
      costWith({ price, output, inputs: toolCalls.limitedTo(each).inputs }, output?.tokens ?? 0) <= budgetNanoUsd,
  );
  return buildEstimate(price, { ...toolCalls.limitedTo(calls), output, unreported: estimate.unreported });
}

/**
 * The output limit that a budget covers, with as many calls of tools as the estimate has.
 * @returns tokens of all choices together, never more than the request asked for; 0 when the operation has no output
 * limit and the budget covers the worst case; undefined when the budget does not cover the smallest output, or the
 * worst case of an operation without an output limit
 */
export function lowerOutputLimit(estimate: Estimate, budgetNanoUsd: NanoUsd): number | undefined {
  const { output } = estimate;
  // `floorNanoUsd` is not used here, because it may be the cost with fewer tool calls.
  if (budgetNanoUsd < costWith(estimate, output?.leastTokens ?? 0)) return undefined;
  if (output === undefined) return 0;
  const { leastTokens: least, tokens: most } = output;
  return findMost({ least, most }, (tokens) => costWith(estimate, tokens) <= budgetNanoUsd) * output.choices;
}

/**
 * Finds the largest number that the budget covers, by bisection, because a larger number costs more.
 * @returns `least` if the budget covers no number
 */
function findMost(
  { least, most }: { readonly least: number; readonly most: number },
  isCovered: (count: number) => boolean,
): number {
  let covered = least;
  let tooMuch = most + 1;
  while (tooMuch - covered > 1) {
    const middle = Math.floor((covered + tooMuch) / 2);
    if (isCovered(middle)) covered = middle;
    else tooMuch = middle;
  }
  return covered;
}

function costWith(
  { price, inputs, output }: Pick<Estimate, 'price' | 'inputs' | 'output'>,
  tokensOfOneChoice: number,
): NanoUsd {
  let most: NanoUsd = 0n;
  for (const input of inputs) {
    const usage = output === undefined ? input : { ...input, [output.kind]: tokensOfOneChoice * output.choices };
    const cost = costOf(price, usage);
    if (!cost.ok) return refuseCost(cost.unpriced, 'not_priced');
    if (cost.nanoUsd > most) most = cost.nanoUsd;
  }
  return most;
}
