import type { OwnerSession } from '@aipassport/store/authorization';
import { confirmSignIn, hasConfirmedNow } from '../account/confirm-sign-in.js';
import { incomplete } from '../account/incomplete.js';
import { redirectWithNotice } from '../account/redirect-with-notice.js';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import type { Problem } from '../pages/parts.js';
import type { FixedId } from '../texts/texts.js';

interface Export {
  readonly owner: OwnerSession;
  readonly invalidFields: readonly string[];
  readonly question: FixedId;
  /** The page of the events, with the filter of the form. */
  readonly page: { readonly path: string; readonly query: Readonly<Record<string, string>> };
  /** Shows the page again, with the problem. */
  readonly refuse: (problem: Problem) => Promise<void>;
}

/**
 * Requires a valid form and a recent sign-in for an export of events, because a stranger at a browser that was left
 * open could keep the file after the session has ended.
 * @returns false when the request was answered: with a problem, or, if the form confirmed the sign-in, with the page on
 * which the owner asks for the file again (see `hasConfirmedNow`)
 */
export async function confirmExport(deps: Dependencies, ctx: Context, asked: Export): Promise<boolean> {
  const { owner, question, page } = asked;
  const isIncomplete = asked.invalidFields.some((field) => field !== 'password');
  const problem = isIncomplete ? incomplete : await confirmSignIn(deps, ctx, { owner, question });
  if (problem !== undefined) {
    markRefused(ctx, 'form_invalid');
    await asked.refuse(problem);
    return false;
  }
  if (!hasConfirmedNow(ctx)) return true;
  redirectWithNotice(deps, ctx, { path: `${page.path}?${new URLSearchParams(page.query)}`, done: 'confirmed' });
  return false;
}
