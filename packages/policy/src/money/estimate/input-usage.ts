import type { ModelLimits } from '../model-limits.js';
import type { Price } from '../price.js';
import type { Usage, UsageKind } from '../usage.js';
import { type CountedInput, withMargin } from './counted.js';
import type { InputMeasure } from './measure-input.js';

export interface InputTerms {
  readonly price: Price;
  readonly limits: ModelLimits;
  /** What the vendor adds of its own: the frame of a conversation, instructions for the use of tools. */
  readonly addedTokens: number;
  /** Known instead of the measured amounts, with what the vendor adds. */
  readonly countedInput?: CountedInput | undefined;
}

/**
 * What a measured input can count as, once: each kind up to what the model reads at all, since more is refused by the
 * vendor and not billed (except for pictures whose tokens are a figure on the bill); and once for every way that its text may be billed, because a cache that is written costs
 * more than one that is not asked for.
 */
export function boundInput(measure: InputMeasure, terms: InputTerms): readonly Usage[] {
  const { price, limits, addedTokens, countedInput } = terms;
  if (countedInput !== undefined) return useCounted(countedInput, measure, terms);
  const { maxInputTokens, maxImageTokens } = limits;
  const beyondWindow = billedBeyondWindow(measure, limits);
  const kinds = textKinds(price, measure.cacheWrites);
  if (measure.filledBy !== 'nothing') {
    // All that fits, as whatever costs most.
    const others = measure.filledBy === 'anything' ? mediaKinds.filter((kind) => price.named.has(kind)) : [];
    return [...kinds, ...others].map((kind) => ({ [kind]: maxInputTokens + beyondWindow }));
  }
  const media: Partial<Record<UsageKind, number>> = {};
  let text = measure.textTokens + addedTokens + withMargin(measure.mediaTokens ?? 0);
  const add = (kind: UsageKind, tokens: number, most = maxInputTokens): void => {
    // Without a price of its own a kind is billed as text is, cached or not.
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

/** What pictures may be billed for beside all that fits into the window. */
export function billedBeyondWindow(
  { images, mediaTokens = 0 }: InputMeasure,
  { maxImageTokens, inflatesPictures = false }: ModelLimits,
): number {
  return inflatesPictures ? images * maxImageTokens + withMargin(mediaTokens) : 0;
}

const mediaKinds = ['inputImageTokens', 'inputAudioTokens', 'inputVideoTokens'] as const;

/** Anthropic writes a cache when it is asked to; others may at any time, if they have a price for it. */
function textKinds({ upstream, named }: Price, cacheWrites: InputMeasure['cacheWrites']): readonly UsageKind[] {
  const kinds: UsageKind[] = ['inputTokens'];
  if (upstream === 'anthropic' ? cacheWrites !== 'none' : named.has('cacheWriteTokens')) kinds.push('cacheWriteTokens');
  if (upstream === 'anthropic' && cacheWrites === '1h') kinds.push('cacheWrite1hTokens');
  return kinds;
}

/**
 * The same input, read by the model again in each of several rounds.
 * @param readPerRound what a round reads of text, when the request itself has this much
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
