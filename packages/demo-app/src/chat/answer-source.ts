import type { Message } from '../session/session.js';

/** A request to a model. It has the same shape for the SDKs of both vendors. */
export interface AnswerRequest {
  /** The resource proxy's URL. Only this URL and the access token differ from a direct use of the vendor. */
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
