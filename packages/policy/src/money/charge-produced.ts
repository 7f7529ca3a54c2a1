import { costOf } from './cost.js';
import { lacksMedia } from './decide-charge.js';
import type { Estimate } from './estimate/estimate.js';
import type { NanoUsd } from './nano-usd.js';
import { totalOutputTokens, type Usage } from './usage.js';

/** The usage of an answer at the moment when it was cut, as far as it is known. */
export interface Produced {
  /** An upper bound for the tokens of the output that was seen, of all choices together. */
  readonly outputTokens: number;
  /** The usage that the vendor had reported by then; undefined: none. */
  readonly reported: Usage | undefined;
  /** How long ago the last piece had come when the answer was cut. */
  readonly silentSeconds: number;
}

/** About the speed of the fastest catalogued model, for one choice. */
const tokensPerSecond = 256;
/** The time for output in transit to arrive, and for the vendor's server to notice the closed connection. */
const noticeSeconds = 1;

/**
 * The cost of an answer that we have cut: its input, the output that was seen, and the output that may have been in
 * transit. Never more than the reservation, and never less than the vendor can bill for the generated output.
 *
 * @returns undefined when the cost cannot be determined: the answer is not text, the vendor ran tools for it, or the
 *          reported usage does not separate a recording from text
 */
export function chargeProduced(
  estimate: Pick<Estimate, 'price' | 'inputs' | 'output'>,
  reservedNanoUsd: NanoUsd,
  { outputTokens, reported, silentSeconds }: Produced,
): NanoUsd | undefined {
  const { output, inputs, price } = estimate;
  if (output?.kind !== 'outputTokens' || inputs.some(usesTools)) return undefined;
  if (reported !== undefined && lacksMedia(estimate, reported)) return undefined;
  const unseen = Math.ceil(tokensPerSecond * (noticeSeconds + silentSeconds)) * output.choices;
  const tokens = Math.max(outputTokens, totalOutputTokens(reported ?? {})) + unseen;
  const usages = reported === undefined ? inputs : [reported];
  let most: NanoUsd = 0n;
  for (const usage of usages) {
    const cost = costOf(price, { ...usage, outputTokens: Math.min(tokens, output.tokens * output.choices) });
    if (!cost.ok) return undefined;
    if (cost.nanoUsd > most) most = cost.nanoUsd;
  }
  return most < reservedNanoUsd ? most : reservedNanoUsd;
}

function usesTools({ webSearches = 0, codeSessions = 0 }: Usage): boolean {
  return webSearches > 0 || codeSessions > 0;
}
