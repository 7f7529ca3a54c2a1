import type { ModelLimits } from '../model-limits.js';
import type { Price } from '../price.js';
import type { Usage, UsageKind } from '../usage.js';
import { type CountedInput, withMargin } from './counted.js';
import type { InputMeasure } from './measure-input.js';

export interface InputTerms {
  readonly price: Price;
  readonly limits: ModelLimits;
  /** Tokens that the vendor adds: the framing of the chat, instructions for tools. */
  readonly addedTokens: number;
  /** The counted input, with what the vendor adds. It replaces the measured amounts. */
  readonly countedInput?: CountedInput | undefined;
}

/**
 * The possible usages of a measured input: one for each way in which its text may be billed, because writing a cache
 * costs more than plain input. Each kind is at most the model's input limit: the vendor refuses more and does not bill
 * it. Only pictures can exceed this limit, because some models bill a picture as more tokens than it uses.
 */
export function boundInput(measure: InputMeasure, terms: InputTerms): readonly Usage[] {
  const { price, limits, addedTokens, countedInput } = terms;
  if (countedInput !== undefined) return useCounted(countedInput, measure, terms);
  const { maxInputTokens, maxImageTokens } = limits;
  const beyondWindow = billedBeyondWindow(measure, limits);
  const kinds = textKinds(price, measure.cacheWrites);
  if (measure.filledBy !== 'nothing') {
    // The input is assumed to be full. It may be of any of these kinds, so there is one usage for each.
    const others = measure.filledBy === 'anything' ? mediaKinds.filter((kind) => price.named.has(kind)) : [];
    return [...kinds, ...others].map((kind) => ({ [kind]: maxInputTokens + beyondWindow }));
  }
  const media: Partial<Record<UsageKind, number>> = {};
  let text = measure.textTokens + addedTokens + withMargin(measure.mediaTokens ?? 0);
  const add = (kind: UsageKind, tokens: number, most = maxInputTokens): void => {
    // A kind without a price of its own is billed as text, cached or not.
    if (!price.named.has(kind)) text += tokens;
    else if (tokens > 0) media[kind] = Math.min(tokens, most);
  };
  add('inputImageTokens', measure.images * maxImageTokens, Math.max(maxInputTokens, beyondWindow));
  add('inputAudioTokens', measure.audioTokens);
  add('inputVideoTokens', measure.videoTokens);
  const tokens = Math.min(text, maxInputTokens + beyondWindow);
  return kinds.map((kind) => ({ ...media, [kind]: tokens }));
}

function useCounted(
  counted: CountedInput,
  { cacheWrites }: InputMeasure,
  { price, limits }: InputTerms,
): readonly Usage[] {
  const media: Partial<Record<UsageKind, number>> = {};
  let rest = counted.tokens;
  const kinds = {
    inputImageTokens: 'imageTokens',
    inputAudioTokens: 'audioTokens',
    inputVideoTokens: 'videoTokens',
  } as const;
  for (const kind of mediaKinds) {
    const tokens = Math.min(rest, counted[kinds[kind]]);
    if (tokens === 0 || !price.named.has(kind)) continue;
    media[kind] = withMargin(tokens);
    rest -= tokens;
  }
  const tokens = Math.min(withMargin(rest), limits.maxInputTokens);
  return textKinds(price, cacheWrites).map((kind) => ({ ...media, [kind]: tokens }));
}

/** Picture tokens that may be billed in addition to a full context window. */
export function billedBeyondWindow(
  { images, mediaTokens = 0 }: InputMeasure,
  { maxImageTokens, inflatesPictures = false }: ModelLimits,
): number {
  return inflatesPictures ? images * maxImageTokens + withMargin(mediaTokens) : 0;
}

const mediaKinds = ['inputImageTokens', 'inputAudioTokens', 'inputVideoTokens'] as const;

/**
 * The ways in which text may be billed. Some vendors write a cache only on request. Others may write a cache at any
 * time, if they have a price for that. If a request asks for a cache of an hour, and the price list has a price only
 * for the shorter cache, the request is refused.
 */
function textKinds({ billing, named }: Price, cacheWrites: InputMeasure['cacheWrites']): readonly UsageKind[] {
  const kinds: UsageKind[] = ['inputTokens'];
  const isAsked = billing.writesCacheWhenAsked === true;
  if (isAsked ? cacheWrites !== 'none' : named.has('cacheWriteTokens')) kinds.push('cacheWriteTokens');
  if (cacheWrites === '1h' && kinds.includes('cacheWriteTokens')) kinds.push('cacheWrite1hTokens');
  return kinds;
}

/**
 * The usage of an input that the model reads again in each of several rounds.
 * @param readPerRound gets the text tokens of the request, and returns the text tokens that one round reads
 */
export function repeatInput(
  inputs: readonly Usage[],
  rounds: number,
  readPerRound: (textTokens: number) => number,
): readonly Usage[] {
  return inputs.map((usage) =>
    Object.fromEntries(
      Object.entries(usage).map(([kind, tokens]) => [kind, (isText(kind) ? readPerRound(tokens) : tokens) * rounds]),
    ),
  );
}

function isText(kind: string): boolean {
  return kind === 'inputTokens' || kind.startsWith('cacheWrite');
}
