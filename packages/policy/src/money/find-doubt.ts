import { costOf } from './cost.js';
import type { Seen } from './decide-charge.js';
import type { Estimate } from './estimate/estimate.js';
import { findModelLimits } from './model-limits.js';
import { totalInputTokens, totalOutputTokens, type Usage } from './usage.js';

export type UsageDoubt =
  /** More than the answer, the model and the request's own limit can hold. */
  | 'usage_not_possible'
  /** Less output than the text that came. */
  | 'usage_below_answer';

/**
 * If one of our bounds is wrong, it is wrong by less than this factor. No request of this kind can have used more. If
 * we believed a larger number, one answer of an upstream could use up an owner's budgets and fill their counters.
 */
const mostTimesEstimate = 100n;
/** A vendor may have raised a limit of a model since our table was written, and a tool may have run more often. */
const mostTimesLimit = 16;
/** Long runs of one character are tokens of that size; no text consists of these alone. */
const mostBytesPerToken = 64;
/** Quotations and names in an answer that are no output of the model's. */
const foreignBytes = 1_024;

type Bounds = Pick<Estimate, 'price' | 'inputs' | 'output' | 'worstCaseNanoUsd'>;

/** Compares a reported usage with what was seen of its answer, and with what the model can do. */
export function findDoubt(
  estimate: Bounds,
  usage: Usage,
  { textBytes, bytes }: Pick<Seen, 'textBytes' | 'bytes'>,
): UsageDoubt | undefined {
  if (isAboveLimits(estimate, usage, bytes)) return 'usage_not_possible';
  const output = totalOutputTokens(usage);
  const isTooLittle = output === 0 ? textBytes > 0 : textBytes > output * mostBytesPerToken + foreignBytes;
  return estimate.output !== undefined && isTooLittle ? 'usage_below_answer' : undefined;
}

function isAboveLimits({ price, inputs, output, worstCaseNanoUsd }: Bounds, usage: Usage, bytes: number): boolean {
  const cost = costOf(price, usage);
  if (cost.ok && cost.nanoUsd > worstCaseNanoUsd * mostTimesEstimate) return true;
  const limits = findModelLimits(price.upstream, price.modelId);
  if (output === undefined || limits === undefined) return false;
  const mostInput = Math.max(limits.maxInputTokens, ...inputs.map(totalInputTokens));
  const mostOutput = Math.max(limits.maxOutputTokens, output.tokens) * output.choices;
  return (
    totalInputTokens(usage) > mostTimesLimit * mostInput ||
    totalOutputTokens(usage) > Math.max(bytes, mostTimesLimit * mostOutput)
  );
}
