/** What was counted of a request because its bound did not fit. Without it, bytes bound the tokens. */
export interface Counted {
  /** The tokens of one text, by the model's tokenizer. */
  readonly countText?: ((text: string) => number) | undefined;
  /** All its pictures and documents, by the vendor's own counting. */
  readonly media?: CountedMedia | undefined;
  /** The tokens of all that goes in, by the vendor's own counting. */
  readonly input?: CountedInput | undefined;
}

export interface CountedMedia {
  readonly tokens: number;
  /** How many pictures and documents were counted: where a request has others too, the count says nothing. */
  readonly parts: number;
}

/** Whole numbers. */
export interface CountedInput {
  readonly tokens: number;
  /** Those of `tokens` that are recordings, pictures and films, where the vendor tells them apart. */
  readonly audioTokens: number;
  readonly imageTokens: number;
  readonly videoTokens: number;
}

/**
 * Vendors call their counts estimates, and texts that are counted one by one are other tokens at their seams than in
 * one prompt: both differ by less than a hundredth in what was measured and documented.
 */
const margin = 1.03;

export function withMargin(tokens: number): number {
  return Math.ceil(tokens * margin);
}
