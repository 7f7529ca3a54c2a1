/** How a denial is answered: as JSON, or as a page. */
export interface DenialAnswer {
  readonly status: number;
  /** `error` in JSON. The page shows it to the client's developers too. */
  readonly code: string;
  /**
   * `error_description` in JSON. The page shows it only among the details for developers; its main texts are in
   * `error-words.ts`. The message contains nothing from the request.
   */
  readonly message: string;
  /** Set for every 429, 502 and 503. */
  readonly retryAfterSeconds?: number;
  /** The header `WWW-Authenticate`; set for every 401, and for every 403 with the code `insufficient_scope`. */
  readonly challenge?: string;
  /** Further members of the JSON. */
  readonly details?: { readonly member?: string; readonly see?: string };
}
