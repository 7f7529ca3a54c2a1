import { type CountedInput, isCount, type JsonObject } from '@aipassport/policy';

/** Counts the tokens of one text. */
export type TextCounter = (text: string) => number;

interface VendorCounting {
  /**
   * Builds the body for the vendor's counting operation.
   * @returns undefined when there is nothing to count
   */
  readonly composeBody: (body: JsonObject, modelId: string) => JsonObject | undefined;
  /** Reads the vendor's answer. Only its numbers are used. */
  readonly readAnswer: (answer: JsonObject) => CountedInput | undefined;
}

/** How the input of a dialect's requests is counted. */
export type InputCounting =
  /** The vendor counts the whole input. */
  | (VendorCounting & { readonly kind: 'input' })
  /** The proxy counts texts with published tokenizers. The vendor counts only pictures and documents. */
  | (VendorCounting & {
      readonly kind: 'texts';
      readonly listMedia: (body: JsonObject) => readonly JsonObject[];
      /** @returns undefined for a model whose tokenizer is not known */
      readonly createTextCounter: (modelId: string, now: () => number) => TextCounter | undefined;
    });

/** Reads a count without details. A count of zero is not accepted, because every input has tokens. */
export function readInputTokens({ input_tokens: tokens }: JsonObject): CountedInput | undefined {
  return isCount(tokens) && tokens > 0 ? { tokens, audioTokens: 0, imageTokens: 0, videoTokens: 0 } : undefined;
}
