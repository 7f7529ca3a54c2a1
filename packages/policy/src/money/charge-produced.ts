import { costOf } from './cost.js';
import { lacksMedia } from './decide-charge.js';
import type { Estimate } from './estimate/estimate.js';
import type { NanoUsd } from './nano-usd.js';
import { totalOutputTokens, type Usage } from './usage.js';

/** What an answer had used when it was cut, as far as that can be told. */
export interface Produced {
  /** The output that was seen is no more tokens than this, of all choices together. */
  readonly outputTokens: number;
  /** What the vendor had said by then; undefined: nothing. */
  readonly reported: Usage | undefined;
  /** For how long nothing had come when it was cut. */
  readonly silentSeconds: number;
}

/** About as fast as the fastest of the models that are sold here write one choice. */
const tokensPerSecond = 256;
/** In which what is written arrives, and the vendor's server notices that it has been hung up on. */
const noticeSeconds = 1;

/**
 * What an answer costs that we have cut: its input, and the output that was seen, with what may have been on its way.
 * Never more than was set aside, and never less than the vendor can bill for what it had generated.
 *
 * @returns undefined where that cannot be told: the answer is no text, tools ran at the vendor's for it, or what was reported
 *          does not tell a recording from text
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
