import type { Denial } from './denials/denial.js';
import type { Outcome } from './forwarding/outcome.js';

/** How an exchange ended: with an answer, with a denial, or with an answer that broke off. */
export type Ending =
  | 'answered'
  | 'unexpected_error'
  | Denial['reason']
  | Extract<Outcome, { readonly kind: 'broken' | 'drained' }>['reason'];

/** The words of `reason` are stable, so that operators can search for them in the log and count them. */
export interface ExchangeResult {
  readonly reason: Ending;
  readonly detail?: string;
}
