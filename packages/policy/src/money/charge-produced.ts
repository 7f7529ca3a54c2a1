import { costOf } from './cost.js';
import type { Estimate } from './estimate/estimate.js';
import { lacksMedia } from './lacks-media.js';
import type { NanoUsd } from './nano-usd.js';
import { totalInputTokens, totalOutputTokens, type Usage } from './usage.js';

/** What an answer has produced, as far as it was seen. Used where the vendor does not say what it used. */
export interface Produced {
  /** An upper bound for the tokens of the output that was seen, of all choices together. */
  readonly outputTokens: number;
  /** The usage that the vendor had reported by then; undefined: none. */
  readonly reported: Usage | undefined;
  /** For how long the model may have written what is not shown. 0 when everything that it wrote was seen. */
  readonly hiddenSeconds: number;
  /**
   * How long ago the last piece had come when we cut the answer. Undefined when the answer ended by itself or its vendor
   * broke it off: nothing can be on its way then.
   */
  readonly silentSeconds?: number | undefined;
  /** Whether pictures were announced as they were made. Then those that were not seen were not made. */
  readonly showsPictures?: boolean | undefined;
}

/** About the speed of the fastest catalogued model, for one choice. */
const tokensPerSecond = 256;
/** No model writes faster. Used where nothing but the time is known. */
const mostTokensPerSecond = 1_024;
/** The time for output in transit to arrive, and for the vendor's server to notice the closed connection. */
const noticeSeconds = 1;

/**
 * The cost of an answer whose usage is not known: its input, the output that was seen, and the output that cannot have
 * been seen. Never more than the reservation, and never less than the vendor can bill for the generated output.
 *
 * @returns undefined when the cost cannot be determined, because the answer is not text
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

/** What went in and the pictures that came. One that is under way when we cut it may still be finished and billed. */
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

/** The vendor's word for what went in; with tools of the vendor's more may have been read since it said so. */
function boundInputs(estimate: Pick<Estimate, 'inputs' | 'price'>, { reported }: Produced): readonly Usage[] {
  const { inputs, price } = estimate;
  if (reported === undefined || inputs.some(usesTools) || lacksMedia(estimate, reported)) return inputs;
  return costOf(price, reported).ok ? [reported] : inputs;
}

function usesTools({ webSearches = 0, codeSessions = 0 }: Usage): boolean {
  return webSearches > 0 || codeSessions > 0;
}
