import { countRecoveryCodes, type OwnerSession, replaceRecoveryCodes } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import type { Problem } from '../pages/parts.js';
import { renderRecoveryCodesPage } from '../pages/recovery-codes-page.js';
import { formatRecoveryCode, makeRecoveryCodes } from './recovery-code-format.js';
import { requireConfirmedForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { keepSecret, takeSecret } from './secret-cookies.js';
import { seeOther } from './sign-in.js';

const purpose = 'recovery-codes';

/** `GET /account/recovery-codes`. New codes are shown once. */
export async function showRecoveryCodes(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.recoveryCodes);
  if (owner === undefined) return;
  const codes = takeSecret(deps, ctx, 'newRecoveryCodes')?.split('.').map(formatRecoveryCode) ?? [];
  await renderRecoveryCodes(deps, ctx, { owner, codes, problems: [] });
}

/**
 * `POST /account/recovery-codes`: replaces all codes. Requires a recent sign-in, because a person with a code and the
 * e-mail address can set a new password.
 */
export async function submitRecoveryCodes(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireConfirmedForm(deps, ctx, {
    returnTo: paths.recoveryCodes,
    purpose,
    question: 'recovery.confirm',
    showAgain: (owner, problem) => renderRecoveryCodes(deps, ctx, { owner, codes: [], problems: [problem] }),
  });
  if (sent === undefined) return;
  const { owner } = sent;
  const codes = makeRecoveryCodes();
  await replaceRecoveryCodes(deps.db, owner.accountId, codes);
  keepSecret(deps, ctx, 'newRecoveryCodes', codes.join('.'));
  seeOther(ctx, paths.recoveryCodes);
}

interface RecoveryCodesView {
  readonly owner: OwnerSession;
  readonly codes: readonly string[];
  readonly problems: readonly Problem[];
}

async function renderRecoveryCodes(
  deps: Dependencies,
  ctx: Context,
  { owner, ...view }: RecoveryCodesView,
): Promise<void> {
  ctx.type = 'html';
  ctx.body = renderRecoveryCodesPage({
    ...view,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    left: await countRecoveryCodes(deps.db, owner.accountId),
  });
}
