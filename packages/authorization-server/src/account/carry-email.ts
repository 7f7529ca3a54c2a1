import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { issueFormToken, requireFormToken } from '../middleware/form-token.js';
import { type Form, fieldText } from '../read-form.js';

const purpose = 'carry-email';

/** Issues the form token that a `CarryButton` sends as its value. */
export function issueCarryEmailToken(deps: Dependencies, ctx: Context): string {
  return issueFormToken(deps, ctx, purpose);
}

/**
 * Whether a form was sent only to open this page with the e-mail address that was typed on another page.
 * @throws Denied when a page of ours did not send it
 */
export function isOnlyOpening(deps: Dependencies, ctx: Context, form: Form): boolean {
  const token = fieldText(form, 'carry');
  if (token === '') return false;
  requireFormToken(deps, ctx, { csrf_token: token }, purpose);
  return true;
}
