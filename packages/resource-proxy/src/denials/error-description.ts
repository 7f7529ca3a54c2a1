import type { ErrorCode } from './error-code.js';

/** An error answer, independent of its dialect. */
export interface ErrorDescription {
  readonly status: number;
  readonly code: ErrorCode;
  /** For the client's developer. It repeats only numbers and plain words of the client's request. */
  readonly message: string;
  /** The field of the request that the error is about. */
  readonly field?: string;
  /**
   * The limit that is reached: a member of `authorization_details`, `account` for the owner's limit over all apps, or
   * `operator` for the cap of the operator's provider keys.
   */
  readonly limit?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** On 401 and 403: parameters of the `WWW-Authenticate` challenge (RFC 6750 section 3). */
  readonly challenge?: { readonly error?: string; readonly scope?: string };
}
