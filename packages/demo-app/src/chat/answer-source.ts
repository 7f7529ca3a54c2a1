import type { Message } from '../session/session.js';

/** A request to a model. It has the same shape for the SDKs of both vendors. */
export interface AnswerRequest {
  /** The resource proxy's URL. Apart from the access token, only this URL differs from using the vendor directly. */
  readonly resourceProxyUrl: string;
  /** SECRET: the delegated access token, in place of the vendor's API key. */
  readonly accessToken: string;
  readonly modelId: string;
  readonly messages: readonly Message[];
  /** Aborted when the reader has left. */
  readonly signal: AbortSignal;
}

/** The stream ended before the model had finished. */
export class AnswerBrokenOffError extends Error {}

export const maxAnswerTokens = 1_024;
