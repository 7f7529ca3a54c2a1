import type { CallTerms } from './call-terms.js';

/** The facts about an upload that are known before it is forwarded. */
export interface Upload {
  /** The size of the recording, or of a form that contains it. */
  readonly bytes: number;
  /** The recording's first bytes. Empty when they have not arrived yet. */
  readonly head: Uint8Array;
  /**
   * Whether the form asks for `chunking_strategy`, or may still do so in a part that has not arrived. This field splits
   * a recording into several prompts.
   */
  readonly isChunked: boolean;
  /** The result of reading the whole recording. If it is undefined, the format and the size may bound the length. */
  readonly measured?: MeasuredRecording | undefined;
}

/** The terms of an upload's estimate. The price depends on the model alone. */
export type UploadTerms = Pick<CallTerms, 'price' | 'limits'>;

export interface MeasuredRecording {
  readonly seconds: number;
  /** The most tokens that the text beside the recording can have. */
  readonly textTokens: number;
}
