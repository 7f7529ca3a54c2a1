/**
 * Counts of a request's tokens, made when the budget did not cover the bound that follows from the size of the request.
 */
export interface Counted {
  /** The tokens of one text, by the model's tokenizer. */
  readonly countText?: ((text: string) => number) | undefined;
  /** The tokens of all pictures and documents, by the vendor's own count. */
  readonly media?: CountedMedia | undefined;
  /** The tokens of the whole input, by the vendor's own count. */
  readonly input?: CountedInput | undefined;
}

export interface CountedMedia {
  readonly tokens: number;
  /** How many pictures and documents were counted. If the request has more than these, the count is not used. */
  readonly parts: number;
}

/** The vendor's count of the whole input, in whole tokens. */
export interface CountedInput {
  readonly tokens: number;
  /**
   * How many of `tokens` are audio, pictures and video. All three are 0 if the vendor does not count them separately.
   */
  readonly audioTokens: number;
  readonly imageTokens: number;
  readonly videoTokens: number;
}

/**
 * Counts are raised by this factor. Vendors call their counts estimates. Also, texts that are counted one by one have
 * a slightly different number of tokens than the whole prompt. In measurements and documentation, both differences are
 * below one percent.
 */
const margin = 1.03;

export function withMargin(tokens: number): number {
  return Math.ceil(tokens * margin);
}
