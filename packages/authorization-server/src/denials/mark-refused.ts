import type { Context } from '../context.js';
import { describeDenial } from './describe-denial.js';

/** The reasons for which a page other than the error page has an error status. */
export type PageRefusal =
  /** The page shows the form again, with its problems. */
  | 'form_invalid'
  /** The link of an e-mail or of the operator has expired, or was used. */
  | 'link_over'
  | 'account_creation_closed'
  | 'interaction_over'
  | 'account_changed';

const statuses: Readonly<Record<PageRefusal, number>> = {
  form_invalid: describeDenial({ reason: 'account_refused' }).status,
  link_over: 403,
  account_creation_closed: 403,
  interaction_over: describeDenial({ reason: 'interaction_over' }).status,
  account_changed: describeDenial({ reason: 'account_changed' }).status,
};

/** Sets the status of the page that says why the request is refused. */
export function markRefused(ctx: Context, refusal: PageRefusal): void {
  ctx.status = statuses[refusal];
}
