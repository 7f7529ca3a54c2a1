import {
  markCodesSaved,
  type OwnerSession,
  type RecoveryCodes,
  replaceRecoveryCodes,
  summarizeRecoveryCodes,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { allowScript } from '../pages/page-script.js';
import type { Problem } from '../pages/parts.js';
import { renderRecoveryCodesPage } from '../pages/recovery-codes-page.js';
import { fieldText, readForm } from '../read-form.js';
import { message } from '../texts/texts.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { askOnceMore, isAsked } from './question.js';
import { formatRecoveryCode, makeRecoveryCodes } from './recovery-code-format.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { readReturnTo, recoveryCodesPath } from './return-to.js';
import { keepSecret, takeSecret } from './secret-cookies.js';
import { changeIfAsShown, isOutOfDate, outOfDate } from './shown-values.js';
import { introduceClient, queryText, seeOther } from './sign-in.js';

const purpose = 'recovery-codes';

/** `GET /account/recovery-codes`. New codes are shown once. */
export async function showRecoveryCodes(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.recoveryCodes);
  if (owner === undefined) return;
  const codes = takeSecret(deps, ctx, 'newRecoveryCodes')?.split('.').map(formatRecoveryCode) ?? [];
  const nextPath = readNextPath(queryText(ctx, 'return_to'));
  // the next page may be the app's request, which may redirect to the app, so this page must allow that redirect
  if (nextPath !== undefined) await introduceClient(deps, ctx, nextPath);
  await renderRecoveryCodes(deps, ctx, { owner, codes, nextPath, problems: [] });
}

function readNextPath(returnTo: string): string | undefined {
  return returnTo === '' ? undefined : readReturnTo(returnTo);
}

/** `POST /account/recovery-codes/saved`: the owner of a new account has saved the codes, and continues. */
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
  const form = readForm(ctx);
  const nextPath = readNextPath(fieldText(form, 'return_to'));
  const page = nextPath === undefined ? paths.recoveryCodes : recoveryCodesPath(nextPath);
  const sent = await requireOwnForm(deps, ctx, { returnTo: page, purpose, act: 'recovery.create' });
  if (sent === undefined) return;
  const { owner } = sent;
  const refuse = (problem: Problem) => {
    markRefused(ctx, 'form_invalid');
    return renderRecoveryCodes(deps, ctx, { owner, codes: [], nextPath, problems: [problem] });
  };
  const { left, createdAt } = await summarizeRecoveryCodes(deps.db, owner.accountId);
  if (isOutOfDate(form, createdAt)) return refuse(outOfDate);
  const asked = { owner, left, createdAt, nextPath, page };
  if (left > 0 && !isAsked(form)) return askAboutCodes(deps, ctx, { ...asked, problems: [] });
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'recovery.confirm' });
  if (unconfirmed !== undefined && left === 0) return refuse(unconfirmed);
  if (unconfirmed !== undefined) {
    markRefused(ctx, 'form_invalid');
    return askAboutCodes(deps, ctx, { ...asked, problems: [unconfirmed] });
  }
  const { accountId } = owner;
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
  if (isReplaced === undefined) return refuse(outOfDate);
  keepSecret(deps, ctx, 'newRecoveryCodes', codes.join('.'));
  seeOther(ctx, page);
}

interface AskedCodes extends Pick<RecoveryCodes, 'left' | 'createdAt'> {
  readonly owner: OwnerSession;
  readonly nextPath: string | undefined;
  /** The page of the recovery codes, as the owner left it. */
  readonly page: string;
  readonly problems: readonly Problem[];
}

function askAboutCodes(deps: Dependencies, ctx: Context, { owner, left, createdAt, ...asked }: AskedCodes): void {
  const { nextPath, page, problems } = asked;
  askOnceMore(deps, ctx, {
    owner,
    current: 'settings',
    purpose,
    title: 'recovery.create',
    effects: [message('recovery.replaceAbout', { count: left })],
    submit: 'recovery.replace',
    back: page,
    shown: { values: createdAt },
    returnTo: nextPath,
    problems,
  });
}

interface RecoveryCodesView {
  readonly owner: OwnerSession;
  readonly codes: readonly string[];
  /** The page to which the owner continues, for instance an app's request. */
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
    script: view.codes.length === 0 ? undefined : allowScript(ctx, deps.scripts.copy),
    csrfToken: issueFormToken(deps, ctx, purpose),
    ...(await summarizeRecoveryCodes(deps.db, owner.accountId)),
  });
}
