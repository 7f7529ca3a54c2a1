import {
  markCodesSaved,
  type OwnerSession,
  replaceRecoveryCodes,
  summarizeRecoveryCodes,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import type { Problem } from '../pages/parts.js';
import { renderRecoveryCodesPage } from '../pages/recovery-codes-page.js';
import { fieldText } from '../read-form.js';
import { formatRecoveryCode, makeRecoveryCodes } from './recovery-code-format.js';
import { requireConfirmedForm, requireOwnForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { readReturnTo } from './return-to.js';
import { keepSecret, takeSecret } from './secret-cookies.js';
import { changeIfAsShown, outOfDate } from './shown-values.js';
import { introduceClient, queryText, seeOther } from './sign-in.js';

const purpose = 'recovery-codes';

/** `GET /account/recovery-codes`. New codes are shown once. */
export async function showRecoveryCodes(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.recoveryCodes);
  if (owner === undefined) return;
  const codes = takeSecret(deps, ctx, 'newRecoveryCodes')?.split('.').map(formatRecoveryCode) ?? [];
  const next = queryText(ctx, 'return_to');
  const nextPath = next === '' ? undefined : readReturnTo(next);
  // the app's request may send the browser on to the app
  if (nextPath !== undefined) await introduceClient(deps, ctx, nextPath);
  await renderRecoveryCodes(deps, ctx, { owner, codes, nextPath, problems: [] });
}

/** `POST /account/recovery-codes/saved`: the owner of a new account has saved the codes, and goes on. */
export async function submitRecoveryCodesSaved(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.recoveryCodes, purpose });
  if (sent === undefined) return;
  await markCodesSaved(deps.db, sent.owner.accountId);
  seeOther(ctx, readReturnTo(fieldText(sent.form, 'return_to')));
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
  const {
    form,
    owner: { accountId },
  } = sent;
  const codes = makeRecoveryCodes();
  const isReplaced = await changeIfAsShown(deps.db, {
    accountId,
    form,
    read: async (transaction) => (await summarizeRecoveryCodes(transaction, accountId)).createdAt,
    change: async (transaction) => {
      await replaceRecoveryCodes(transaction, accountId, codes);
      return true;
    },
  });
  if (isReplaced === undefined) {
    markRefused(ctx, 'form_invalid');
    return renderRecoveryCodes(deps, ctx, { owner: sent.owner, codes: [], problems: [outOfDate] });
  }
  keepSecret(deps, ctx, 'newRecoveryCodes', codes.join('.'));
  seeOther(ctx, paths.recoveryCodes);
}

interface RecoveryCodesView {
  readonly owner: OwnerSession;
  readonly codes: readonly string[];
  /** The page to which the owner of a new account goes on. */
  readonly nextPath?: string | undefined;
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
    ...(await summarizeRecoveryCodes(deps.db, owner.accountId)),
  });
}
