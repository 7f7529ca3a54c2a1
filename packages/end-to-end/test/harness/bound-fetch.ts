import * as oauth4webapi from 'oauth4webapi';
import type { Fetch } from './replica-fetch.js';

export interface BoundToken {
  /** SECRET: the access token, which is bound to the key of `proofs`. */
  readonly accessToken: () => string;
  readonly proofs: oauth4webapi.DPoPHandle;
  /** Sends the requests. */
  readonly fetch: Fetch;
}

/**
 * A fetch for the providers' SDKs. It sends an access token that is bound to a key, and makes a new proof for each
 * request, so also for each retry.
 */
export function createBoundFetch({ accessToken, proofs, fetch }: BoundToken): Fetch {
  return async (input, init = {}) => {
    const headers = new Headers(init.headers);
    // The SDKs put their API key here.
    for (const name of ['authorization', 'x-api-key', 'x-goog-api-key']) headers.delete(name);
    try {
      return await oauth4webapi.protectedResourceRequest(
        accessToken(),
        init.method ?? 'GET',
        new URL(input instanceof Request ? input.url : input),
        headers,
        init.body as oauth4webapi.ProtectedResourceRequestBody,
        {
          DPoP: proofs,
          [oauth4webapi.customFetch]: fetch as never,
          // the servers of a test are on this machine
          [oauth4webapi.allowInsecureRequests]: true,
          ...(init.signal && { signal: init.signal }),
        },
      );
    } catch (error) {
      // A refusal, which the SDK turns into its own error.
      if (error instanceof oauth4webapi.WWWAuthenticateChallengeError) return error.response;
      throw error;
    }
  };
}
