/** What `error` says in JSON, and the title of the page for people. */
export type RefusalReason =
  | 'invalid_request'
  | 'misdirected_request'
  | 'method_not_allowed'
  | 'not_found'
  | 'forbidden_form'
  | 'interaction_over'
  | 'payload_too_large'
  | 'too_many_attempts'
  | 'temporarily_unavailable';

interface RefusalOptions {
  readonly status: number;
  readonly reason: RefusalReason;
  /** For whoever reads the answer: holds nothing of the request. */
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

/** A request that is not served. Thrown anywhere, answered in one place. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly reason: RefusalReason;
  readonly retryAfterSeconds: number | undefined;

  constructor({ status, reason, message, retryAfterSeconds }: RefusalOptions) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
