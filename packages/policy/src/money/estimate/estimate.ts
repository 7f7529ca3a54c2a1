import { costOf } from '../cost.js';
import type { JsonObject } from '../json.js';
import type { NanoUsd } from '../nano-usd.js';
import type { Price } from '../price.js';
import { totalInputTokens, type Usage, type UsageKind } from '../usage.js';
import { refuseCost } from './cost-refusal.js';

/** The least that an answer is worth asking for. OpenAI's Responses accept no less. */
export const leastOutputTokens = 16;

/** What a request can cost at most, and how to make it cost less. */
export interface Estimate {
  /** The price that the settlement has to use as well. */
  readonly price: Price;
  /** What to forward: the request with every bound written in that the estimate relies on. */
  readonly body: JsonObject;
  readonly worstCaseNanoUsd: NanoUsd;
  /** With the least output that is worth it. A budget that does not cover this is exhausted. */
  readonly floorNanoUsd: NanoUsd;
  readonly inputTokens: number;
  /** Of all choices together; undefined for operations whose output has no limit to set. */
  readonly output: OutputBound | undefined;
  /** What the input counts as, in every way that it may be billed. */
  readonly inputs: readonly Usage[];
}

export interface OutputBound {
  readonly kind: UsageKind;
  /** Of one choice. */
  readonly tokens: number;
  readonly choices: number;
  /** Of one choice: less would be refused by the vendor, or useless. */
  readonly leastTokens: number;
}

/** What an operation found out about a request. */
export interface Demand {
  readonly body: JsonObject;
  readonly inputs: readonly Usage[];
  readonly output?: OutputBound;
}

/** @throws CostRefused when something in it has no price */
export function buildEstimate(price: Price, { body, inputs, output }: Demand): Estimate {
  const bound = { price, body, inputs, output, inputTokens: Math.max(...inputs.map(totalInputTokens)) };
  return {
    ...bound,
    worstCaseNanoUsd: costWith(bound, output?.tokens ?? 0),
    floorNanoUsd: costWith(bound, output?.leastTokens ?? 0),
  };
}

/** All tokens that a request can use, in and out: what counts against a limit of tokens a minute. */
export function totalTokens({ inputTokens, output }: Estimate): number {
  return inputTokens + (output === undefined ? 0 : output.tokens * output.choices);
}

/**
 * The output limit that a budget covers.
 * @returns tokens of all choices together, never more than the request asked for; undefined when the budget does not
 *          cover what has to be covered, or the operation has no such limit and its worst case is too much
 */
export function lowerOutputLimit(estimate: Estimate, budgetNanoUsd: NanoUsd): number | undefined {
  const { output } = estimate;
  if (budgetNanoUsd < estimate.floorNanoUsd) return undefined;
  if (output === undefined) return 0;
  let covered = output.leastTokens;
  let tooMuch = output.tokens + 1;
  while (tooMuch - covered > 1) {
    const middle = Math.floor((covered + tooMuch) / 2);
    if (costWith(estimate, middle) <= budgetNanoUsd) covered = middle;
    else tooMuch = middle;
  }
  return covered * output.choices;
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
