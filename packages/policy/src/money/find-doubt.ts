import { costOf } from './cost.js';
import type { Estimate } from './estimate/estimate.js';
import { findModelLimits } from './model-limits.js';
import { totalInputTokens, totalOutputTokens, type Usage } from './usage.js';

/** What was seen of an answer, in bytes. */
export interface SeenBytes {
  /** Text that was certainly written by the model. */
  readonly textBytes: number;
  /** The whole answer. */
  readonly bytes: number;
}

export type UsageDoubt =
  /**
   * The report costs far more than the estimate, or has far more tokens than the model, the request and the size of the
   * answer allow.
   */
  | 'usage_not_possible'
  /** The report has too few output tokens for the text that was received. */
  | 'usage_below_answer';

/**
 * A report that costs more than the estimate times this factor is not trusted. One of our bounds may be too low, but
 * not by that much. If every number were trusted, a single wrong answer of an upstream could use up all budgets of an
 * owner.
 */
export const mostTimesEstimate = 100n;
/**
 * A report with more tokens than this factor times the limit of the model (or of the request, if that is higher) is not
 * trusted. The vendor may have raised the limit after our table was written, and tools may have run more often than
 * expected.
 */
const mostTimesLimit = 16;
/** The most bytes of text for one token. Only long runs of one character have such tokens. */
const mostBytesPerToken = 64;
/** An allowance for quotations and names in an answer, which the model did not write. */
const foreignBytes = 1_024;

type Bounds = Pick<Estimate, 'price' | 'inputs' | 'output' | 'worstCaseNanoUsd'>;

/** Compares a reported usage with the answer that was seen and with the limits of the model. */
export function findDoubt(estimate: Bounds, usage: Usage, { textBytes, bytes }: SeenBytes): UsageDoubt | undefined {
  if (isAboveLimits(estimate, usage, bytes)) return 'usage_not_possible';
  const { output: bound, inputs } = estimate;
  if (bound === undefined) return undefined;
  const output = totalOutputTokens(usage);
  const repeatedTokens = bound.mayRepeatInput === true ? mostInputTokens(inputs) * bound.choices : 0;
  const most = (output + repeatedTokens) * mostBytesPerToken + (output === 0 ? 0 : foreignBytes);
  return textBytes > most ? 'usage_below_answer' : undefined;
}

function mostInputTokens(inputs: readonly Usage[]): number {
  return Math.max(...inputs.map(totalInputTokens));
}

function isAboveLimits({ price, inputs, output, worstCaseNanoUsd }: Bounds, usage: Usage, bytes: number): boolean {
  const cost = costOf(price, usage);
  if (cost.ok && cost.nanoUsd > worstCaseNanoUsd * mostTimesEstimate) return true;
  const limits = findModelLimits(price.upstream, price.modelId);
  if (output === undefined || limits === undefined) return false;
  const mostInput = Math.max(limits.maxInputTokens, mostInputTokens(inputs));
  const mostOutput = Math.max(limits.maxOutputTokens, output.tokens) * output.choices;
  return (
    totalInputTokens(usage) > mostTimesLimit * mostInput ||
    totalOutputTokens(usage) > Math.max(bytes, mostTimesLimit * mostOutput)
  );
}
