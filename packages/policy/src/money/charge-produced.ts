import { costOf } from './cost.js';
import type { Estimate } from './estimate/estimate.js';
import { lacksMediaUsage } from './lacks-media-usage.js';
import type { NanoUsd } from './nano-usd.js';
import { totalInputTokens, totalOutputTokens, type Usage } from './usage.js';

/**
 * The part of an answer that the proxy saw. It is charged when the answer has no usage report, or a report that cannot
 * be trusted.
 */
export interface Produced {
  /** An upper bound for the output tokens that were seen, in all choices together. */
  readonly outputTokens: number;
  /** The usage that the vendor reported before the answer ended. undefined: none. */
  readonly reported: Usage | undefined;
  /** The time in which the model may have written hidden output, such as thinking. 0 if all of its output was seen. */
  readonly hiddenSeconds: number;
  /**
   * The time from the last received piece until the proxy closed the connection. undefined if the answer ended by
   * itself or the vendor broke it off: then no output is in transit.
   */
  readonly silentSeconds?: number | undefined;
  /**
   * Whether the vendor announces each picture as soon as it is made. If so, the vendor made no pictures besides those
   * that were seen.
   */
  readonly showsPictures?: boolean | undefined;
}

/** The approximate output speed of the fastest catalogued model, for one choice. */
const tokensPerSecond = 256;
/** A speed that no model exceeds. It bounds hidden output, because only the duration of such output is known. */
const mostTokensPerSecond = 1_024;
/** The time for output in transit to arrive, and for the vendor's server to notice the closed connection. */
const noticeSeconds = 1;

/**
 * The cost of an answer whose usage is not known. It covers the input, the output that was seen, and the output that
 * may have been hidden or in transit. It is never more than the reservation, and never less than the vendor can bill
 * for the generated output.
 *
 * @returns undefined when the cost cannot be determined: the answer is not text, the vendor may still bill a picture in
 * progress, or a kind of usage has no price
 */
export function chargeProduced(
  estimate: Pick<Estimate, 'price' | 'inputs' | 'output'>,
  reservedNanoUsd: NanoUsd,
  produced: Produced,
): NanoUsd | undefined {
  const { output, inputs, price } = estimate;
  if (produced.showsPictures === true) return chargePictures(estimate, reservedNanoUsd, produced);
  if (output === undefined && inputs.some((input) => totalOutputTokens(input) > 0)) return undefined;
  if (output !== undefined && output.kind !== 'outputTokens') return undefined;
  const tokens =
    output === undefined ? 0 : Math.min(boundTokens(produced, output.choices), output.tokens * output.choices);
  let most: NanoUsd = 0n;
  for (const usage of boundInputs(estimate, produced)) {
    const cost = costOf(price, { ...usage, outputTokens: tokens });
    if (!cost.ok) return undefined;
    if (cost.nanoUsd > most) most = cost.nanoUsd;
  }
  return most < reservedNanoUsd ? most : reservedNanoUsd;
}

/**
 * Charges the input and the pictures that arrived. If the proxy closed the connection, the cost is undetermined: the
 * vendor may still finish and bill a picture in progress.
 */
function chargePictures(
  { inputs, price }: Pick<Estimate, 'price' | 'inputs'>,
  reservedNanoUsd: NanoUsd,
  { reported, silentSeconds }: Produced,
): NanoUsd | undefined {
  if (silentSeconds !== undefined) return undefined;
  let most: NanoUsd = 0n;
  for (const input of inputs) {
    const { outputTokens = 0, outputImageTokens = 0 } = reported ?? {};
    const usage =
      totalInputTokens(reported ?? {}) > 0 ? { ...reported } : { ...input, outputTokens, outputImageTokens };
    const cost = costOf(price, usage);
    if (!cost.ok) return undefined;
    if (cost.nanoUsd > most) most = cost.nanoUsd;
  }
  return most < reservedNanoUsd ? most : reservedNanoUsd;
}

function boundTokens({ outputTokens, reported, hiddenSeconds, silentSeconds }: Produced, choices: number): number {
  const onTheWay = silentSeconds === undefined ? 0 : Math.ceil(tokensPerSecond * (noticeSeconds + silentSeconds));
  const hidden = Math.ceil(mostTokensPerSecond * hiddenSeconds);
  return Math.max(outputTokens, totalOutputTokens(reported ?? {})) + (onTheWay + hidden) * choices;
}

/**
 * The input to charge: the reported one if it is complete and has a price, otherwise the estimated one. If the vendor
 * may have run tools, it is always the estimated one, because the model may have read more input after the report.
 */
function boundInputs(estimate: Pick<Estimate, 'inputs' | 'price'>, { reported }: Produced): readonly Usage[] {
  const { inputs, price } = estimate;
  if (reported === undefined || inputs.some(usesTools) || lacksMediaUsage(estimate, reported)) return inputs;
  return costOf(price, reported).ok ? [reported] : inputs;
}

function usesTools({ webSearches = 0, codeSessions = 0 }: Usage): boolean {
  return webSearches > 0 || codeSessions > 0;
}
