import type { WrongMember } from './denial.js';

/** How a denial is answered: as JSON, or as a page. */
export type DenialAnswer = AnswerParts & (FinalAnswer | PassingAnswer);

interface FinalAnswer {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 421 | 422 | 500;
  readonly retryAfterSeconds?: undefined;
}

/** A refusal that may pass: the same request may succeed later. */
interface PassingAnswer {
  readonly status: 429 | 502 | 503;
  /** The header `Retry-After`. */
  readonly retryAfterSeconds: number;
}

interface AnswerParts {
  /** `error` in JSON. The page shows it to the client's developers too. */
  readonly code: string;
  /**
   * `error_description` in JSON. The page shows it only among the details for developers; its main texts are in
   * `error-words.ts`. The message contains nothing from the request.
   */
  readonly message: string;
  /** The header `WWW-Authenticate`; set for every 401, and for every 403 with the code `insufficient_scope`. */
  readonly challenge?: string;
  /** Further members of the JSON. */
  readonly details?: {
    readonly member?: string;
    readonly errors?: readonly WrongMember[];
    readonly see?: string;
  };
}
