import type { ErrorDescription } from './error-description.js';

/** The form of the proxy's own answers to requests in one dialect. The SDK of that dialect understands this form. */
export interface SdkForm {
  /** Builds the body of an error in the format of the dialect, so that the SDK raises its typed error. */
  readonly buildEnvelope: (description: ErrorDescription, requestId: string) => unknown;
  /** The headers besides `x-request-id` from which the SDK reads the request identifier. */
  readonly requestIdHeaders: readonly string[];
  /** The names of the headers that tell users of this SDK how many requests and tokens remain in this minute. */
  readonly rateHeaders: RateHeaders;
}

export interface RateHeaders {
  readonly requests: string;
  readonly tokens: string;
}

/** The names that most APIs use. */
export const commonRateHeaders: RateHeaders = {
  requests: 'x-ratelimit-remaining-requests',
  tokens: 'x-ratelimit-remaining-tokens',
};
