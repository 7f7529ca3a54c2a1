import { consumeOperatorLink, isOperatorLinkOpen, type OwnerSession } from '@aipassport/store/authorization';
import { confirmSignIn } from '../account/confirm-sign-in.js';
import { incomplete } from '../account/incomplete.js';
import { requireOwnForm } from '../account/require-own-form.js';
import { describeSignedIn, requireOwner } from '../account/require-owner.js';
import { findSecret, forgetSecret, isSecretOf, keepSecret } from '../account/secret-cookies.js';
import { queryText, seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderOperatorClaimPage } from '../pages/operator-claim-page.js';
import type { Problem } from '../pages/parts.js';
import { findInvalidFields } from '../read-form.js';

const purpose = 'operator-claim';

/** The link that makes one account an operator: see `insertOperatorLink`. @param code SECRET */
export function formatOperatorLink(issuer: string, code: string): string {
  return `${issuer}${paths.operatorClaim}?${new URLSearchParams({ code })}`;
}

/**
 * `GET /operator/claim`. The code is moved from the URL into a cookie, so that the browser's history does not
 * contain it.
 */
export async function showOperatorClaim(deps: Dependencies, ctx: Context): Promise<void> {
  const code = queryText(ctx, 'code');
  if (isSecretOf('operatorLink', code)) {
    keepSecret(deps, ctx, 'operatorLink', code);
    return seeOther(ctx, paths.operatorClaim);
  }
  const owner = await requireOwner(deps, ctx, paths.operatorClaim);
  if (owner === undefined) return;
  renderClaim(deps, ctx, { owner, isOpen: (await findOpenCode(deps, ctx)) !== undefined });
}

/** `POST /operator/claim`: makes the signed-in account an operator, and uses the link up. */
export async function submitOperatorClaim(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.operatorClaim, purpose, act: 'operator.claimTitle' });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const code = await findOpenCode(deps, ctx);
  if (code === undefined) return renderClaim(deps, ctx, { owner, isOpen: false });
  const refuse = (problem: Problem) => {
    markRefused(ctx, 'form_invalid');
    renderClaim(deps, ctx, { owner, isOpen: true, problems: [problem] });
  };
  if (findInvalidFields(deps.forms.stepUp, form).some((field) => field !== 'password')) return refuse(incomplete);
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'operator.confirmClaim' });
  if (unconfirmed !== undefined) return refuse(unconfirmed);
  if (!(await consumeOperatorLink(deps.db, code, owner.accountId)))
    return renderClaim(deps, ctx, { owner, isOpen: false });
  forgetSecret(deps, ctx, 'operatorLink');
  seeOther(ctx, paths.operator);
}

/** The code of the link that this browser has opened. @returns undefined when there is none, or it no longer works */
async function findOpenCode(deps: Dependencies, ctx: Context): Promise<string | undefined> {
  const code = findSecret(deps, ctx, 'operatorLink');
  return code !== undefined && (await isOperatorLinkOpen(deps.db, code)) ? code : undefined;
}

interface ClaimView {
  readonly owner: OwnerSession;
  /** Whether the link works. */
  readonly isOpen: boolean;
  readonly problems?: readonly Problem[];
}

function renderClaim(deps: Dependencies, ctx: Context, { owner, isOpen, problems = [] }: ClaimView): void {
  if (!isOpen) markRefused(ctx, 'link_over');
  ctx.type = 'html';
  ctx.body = renderOperatorClaimPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'account'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    isOpen,
    problems,
  });
}
