import type { OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { issueFormToken } from '../middleware/form-token.js';
import type { SignedIn } from '../pages/layout.js';
import { type QuestionPageProps, renderQuestionPage } from '../pages/question-page.js';
import { type Form, fieldText } from '../read-form.js';
import { describeSignedIn } from './require-owner.js';

/**
 * Whether the sender of a form has seen what the act does. The button on the page of a list sends a form without this
 * field, and the answer is a page that says the effect and asks once more.
 */
export function isAsked(form: Form): boolean {
  return fieldText(form, 'asked') === 'yes';
}

interface Question extends Omit<QuestionPageProps, 'stylesheet' | 'texts' | 'signedIn' | 'csrfToken' | 'action'> {
  readonly owner: OwnerSession;
  readonly current: SignedIn['current'];
  /** What the form's token is issued for. */
  readonly purpose: string;
}

/** Asks once more before an act that cannot be undone. The form is sent to the same URL. */
export function askOnceMore(deps: Dependencies, ctx: Context, { owner, current, purpose, ...page }: Question): void {
  ctx.type = 'html';
  ctx.body = renderQuestionPage({
    ...page,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, current),
    csrfToken: issueFormToken(deps, ctx, purpose),
    action: ctx.path,
  });
}
