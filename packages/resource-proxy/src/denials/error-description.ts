import type { ErrorCode } from './error-code.js';

/** An answer without its dialect. */
export interface ErrorDescription {
  readonly status: number;
  readonly code: ErrorCode;
  /** For the client's developer. Holds nothing that a client sent but numbers and plain words. */
  readonly message: string;
  /** The field of the request that it is about. */
  readonly field?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Given on 401 and 403: parameters of the `WWW-Authenticate` challenge (RFC 6750 section 3). */
  readonly challenge?: { readonly error?: string; readonly scope?: string };
}
