import { costOf } from '../cost.js';
import type { JsonObject } from '../json.js';
import type { NanoUsd } from '../nano-usd.js';
import type { Price } from '../price.js';
import { totalInputTokens, totalOutputTokens, type Usage, type UsageKind } from '../usage.js';
import { refuseCost } from './cost-refusal.js';

/** The least that an answer is worth asking for. OpenAI's Responses accept no less. */
export const leastOutputTokens = 16;

/** A share of a budget covers so much output at least, where no less was asked for. */
const shareOutputTokens = 4_096;

/** What a request can cost at most, and how to make it cost less. */
export interface Estimate {
  /** The price that the settlement has to use as well. */
  readonly price: Price;
  /** What to forward: the request with every bound written in that the estimate relies on. */
  readonly body: JsonObject;
  readonly worstCaseNanoUsd: NanoUsd;
  /** With the least output that is worth it. A budget that does not cover this is exhausted. */
  readonly floorNanoUsd: NanoUsd;
  /** With a useful output: the least that it is given while other requests use the same budget. */
  readonly shareNanoUsd: NanoUsd;
  readonly inputTokens: number;
  /** Of all choices together; undefined for operations whose output has no limit to set. */
  readonly output: OutputBound | undefined;
  /** What the input counts as, in every way that it may be billed. */
  readonly inputs: readonly Usage[];
  /** What is billed and not in the usage that an answer reports, such as the search of a chat. */
  readonly unreported: Usage | undefined;
  /** Of tools that run at the vendor's; undefined where there are none whose calls can be limited. */
  readonly toolCalls: ToolCallBound | undefined;
}

export interface OutputBound {
  readonly kind: UsageKind;
  /** Of one choice. */
  readonly tokens: number;
  readonly choices: number;
  /** Of one choice: less would be refused by the vendor, or useless. */
  readonly leastTokens: number;
  /** Whether the request itself has no limit: then this one is the model's. */
  readonly isOpen: boolean;
}

export interface ToolCallBound {
  readonly most: number;
  /** With less the tool would be of no use. */
  readonly least: number;
  /** The same request with so many calls at most, and what it counts as then. */
  readonly limitedTo: (calls: number) => Pick<Demand, 'body' | 'inputs'>;
}

/** What an operation found out about a request. */
export interface Demand {
  readonly body: JsonObject;
  readonly inputs: readonly Usage[];
  readonly output?: OutputBound | undefined;
  readonly unreported?: Usage | undefined;
  readonly toolCalls?: ToolCallBound | undefined;
}

/** @throws CostRefused when something in it has no price */
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

/** All tokens that a request can use, in and out: what counts against a limit of tokens a minute. */
export function totalTokens({ inputs, inputTokens, output }: Estimate): number {
  const outputTokens =
    output === undefined ? Math.max(...inputs.map(totalOutputTokens)) : output.tokens * output.choices;
  return inputTokens + outputTokens;
}

/**
 * The same request with as many calls of the vendor's tools as a budget covers besides the whole answer. Where it covers
 * that for none, with the least: then it is the answer that has to be shorter.
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
 * @returns tokens of all choices together, never more than the request asked for; undefined when the budget does not
 *          cover what has to be covered, or the operation has no such limit and its worst case is too much
 */
export function lowerOutputLimit(estimate: Estimate, budgetNanoUsd: NanoUsd): number | undefined {
  const { output } = estimate;
  // Not the floor, which may be that of fewer calls.
  if (budgetNanoUsd < costWith(estimate, output?.leastTokens ?? 0)) return undefined;
  if (output === undefined) return 0;
  const { leastTokens: least, tokens: most } = output;
  return findMost({ least, most }, (tokens) => costWith(estimate, tokens) <= budgetNanoUsd) * output.choices;
}

/** The most that is covered, of what costs more the more it is; the least, when nothing above it is. */
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
