import {
  deleteInvitation,
  insertInvitation,
  listInvitations,
  maxInvitationsOfAccount,
  type OwnerSession,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderInvitationsPage } from '../pages/invitations-page.js';
import { allowScript } from '../pages/page-script.js';
import type { Problem } from '../pages/parts.js';
import { fieldText, findInvalidFields } from '../read-form.js';
import { type FixedId, message } from '../texts/texts.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { formatInvitationLink } from './invitation-link.js';
import { takePage } from './list-page.js';
import { takeNotice } from './notices.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn, requireOwner } from './require-owner.js';
import { keepSecret, takeSecret } from './secret-cookies.js';
import { seeOther } from './sign-in.js';

const purpose = 'invitations';
/** A week, in seconds. */
export const defaultLifetime = '604800';

/** `GET /account/invitations`, for accounts that the operator allows to invite others. */
export async function showInvitations(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.invitations);
  if (owner === undefined) return;
  requireInviter(deps, owner);
  const code = takeSecret(deps, ctx, 'newInvitation');
  await renderInvitations(deps, ctx, {
    owner,
    newLink: code === undefined ? undefined : formatInvitationLink(deps.configuration.issuer, code),
    notice: takeNotice(deps, ctx)?.done === 'withdrawn' ? 'invitations.withdrawn' : undefined,
    note: '',
    expiresIn: defaultLifetime,
    problems: [],
  });
}

/** `POST /account/invitations`: makes an invitation. The next page shows its link once. */
export async function submitInvitation(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, {
    returnTo: paths.invitations,
    purpose,
    act: 'invitations.create',
    checkOwner: (owner) => requireInviter(deps, owner),
  });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const note = fieldText(form, 'note').trim();
  const expiresIn = fieldText(form, 'expires_in');
  const refuse = (...problems: readonly Problem[]) => {
    markRefused(ctx, 'form_invalid');
    const shown = { newLink: undefined, notice: undefined, note, expiresIn };
    return renderInvitations(deps, ctx, { owner, ...shown, problems });
  };
  const invalid = findInvalidFields(deps.forms.invitation, form);
  if (invalid.length > 0) return refuse(...listInvitationProblems(invalid));
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'invitations.confirm' });
  if (unconfirmed !== undefined) return refuse(unconfirmed);
  const code = await insertInvitation(deps.db, {
    createdBy: owner.accountId,
    note: note === '' ? undefined : note,
    expiresInSeconds: Number(expiresIn),
  });
  if (code === undefined) return refuse(tooMany);
  keepSecret(deps, ctx, 'newInvitation', code);
  seeOther(ctx, paths.invitations);
}

const tooMany: Problem = {
  field: undefined,
  message: message('invitations.tooMany', { max: maxInvitationsOfAccount }),
};

export function listInvitationProblems(invalid: readonly string[]): readonly Problem[] {
  const isNoteWrong = invalid.includes('note');
  const isLifetimeWrong = invalid.some((field) => field !== 'note');
  return [
    ...(isNoteWrong ? [{ field: 'note', message: message('invitations.noteTooLong') }] : []),
    ...(isLifetimeWrong ? [{ field: 'expires_in', message: message('invitations.chooseLifetime') }] : []),
  ];
}

/** `POST /account/invitations/:id/withdraw` */
export async function submitWithdrawal(deps: Dependencies, ctx: Context, id: string): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, {
    returnTo: paths.invitations,
    purpose,
    checkOwner: (owner) => requireInviter(deps, owner),
  });
  if (sent === undefined) return;
  const { owner } = sent;
  if (!(await deleteInvitation(deps.db, id, { createdBy: owner.accountId })))
    throw new Denied({ reason: 'invitation_unknown' });
  redirectWithNotice(deps, ctx, { path: paths.invitations, done: 'withdrawn' });
}

/**
 * @throws Denied, with the same reason for an account that may not invite and for a server that takes no invitations
 */
function requireInviter({ configuration }: Dependencies, { mayInvite }: OwnerSession): void {
  if (mayInvite && configuration.accountCreation === 'invite') return;
  throw new Denied({ reason: 'path_unknown' });
}

interface InvitationsView {
  readonly owner: OwnerSession;
  readonly newLink: string | undefined;
  readonly notice: FixedId | undefined;
  readonly note: string;
  readonly expiresIn: string;
  readonly problems: readonly Problem[];
}

async function renderInvitations(deps: Dependencies, ctx: Context, { owner, ...view }: InvitationsView): Promise<void> {
  ctx.type = 'html';
  ctx.body = renderInvitationsPage({
    ...view,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'invitations'),
    script: view.newLink === undefined ? undefined : allowScript(ctx, deps.scripts.copy),
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone: owner.timeZone,
    now: deps.now(),
    invitations: takePage(ctx, await listInvitations(deps.db, { createdBy: owner.accountId })),
  });
}
