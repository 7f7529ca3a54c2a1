import { insertInvitation, listInvitations, type OwnerSession } from '@aipassport/store/authorization';
import { confirmSignIn } from '../account/confirm-sign-in.js';
import { formatInvitationLink } from '../account/invitation-link.js';
import { defaultLifetime, listInvitationProblems } from '../account/invitations.js';
import { entriesPerPage } from '../account/list-page.js';
import { takeFixedNotice } from '../account/notices.js';
import { describeSignedIn } from '../account/require-owner.js';
import { keepSecret, takeSecret } from '../account/secret-cookies.js';
import { queryText, seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderOperatorInvitationsPage } from '../pages/operator-invitations-page.js';
import { allowScript } from '../pages/page-script.js';
import type { Problem } from '../pages/parts.js';
import { fieldText, findInvalidFields } from '../read-form.js';
import { notices } from './lists.js';
import { recordRead } from './record-read.js';
import { requireOperator, requireOperatorForm } from './require-operator.js';

const purpose = 'operator-invitations';

/** `GET /operator/invitations`: the invitations of all accounts and of the operator, the newest first. */
export async function showOperatorInvitations(deps: Dependencies, ctx: Context): Promise<void> {
  const operator = await requireOperator(deps, ctx);
  if (operator === undefined) return;
  await recordRead(deps.db, { read: 'invitations', by: operator.accountId });
  const code = takeSecret(deps, ctx, 'newInvitation');
  const newLink = code === undefined ? undefined : formatInvitationLink(deps.configuration.issuer, code);
  await renderInvitations(deps, ctx, { operator, newLink, note: '', expiresIn: defaultLifetime, problems: [] });
}

/** `POST /operator/invitations`: makes an invitation. The next page shows its link once. */
export async function submitOperatorInvitation(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOperatorForm(deps, ctx, {
    returnTo: paths.operatorInvitations,
    purpose,
    act: () => 'invitations.create',
  });
  if (sent === undefined) return;
  if (deps.configuration.accountCreation !== 'invite') throw new Denied({ reason: 'path_unknown' });
  const { operator, form } = sent;
  const note = fieldText(form, 'note').trim();
  const expiresIn = fieldText(form, 'expires_in');
  const refuse = (...problems: readonly Problem[]) => {
    markRefused(ctx, 'form_invalid');
    return renderInvitations(deps, ctx, { operator, newLink: undefined, note, expiresIn, problems });
  };
  const invalid = findInvalidFields(deps.forms.invitation, form);
  if (invalid.length > 0) return refuse(...listInvitationProblems(invalid));
  const unconfirmed = await confirmSignIn(deps, ctx, { owner: operator, question: 'invitations.confirm' });
  if (unconfirmed !== undefined) return refuse(unconfirmed);
  const code = await insertInvitation(deps.db, {
    createdBy: undefined,
    by: operator.accountId,
    note: note === '' ? undefined : note,
    expiresInSeconds: Number(expiresIn),
  });
  if (code === undefined) throw new Error('the invitation was not stored');
  keepSecret(deps, ctx, 'newInvitation', code);
  seeOther(ctx, paths.operatorInvitations);
}

interface InvitationsView {
  readonly operator: OwnerSession;
  /** SECRET. The link of the invitation that was just made. It is shown only once. */
  readonly newLink: string | undefined;
  readonly note: string;
  readonly expiresIn: string;
  readonly problems: readonly Problem[];
}

async function renderInvitations(deps: Dependencies, ctx: Context, view: InvitationsView): Promise<void> {
  const { operator, ...shown } = view;
  const after = queryText(ctx, 'after');
  const rows = await listInvitations(deps.db, { after, limit: entriesPerPage + 1 });
  ctx.type = 'html';
  ctx.body = renderOperatorInvitationsPage({
    ...shown,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, operator, 'operator'),
    script: view.newLink === undefined ? undefined : allowScript(ctx, deps.scripts.copy),
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone: operator.timeZone,
    now: deps.now(),
    areNeeded: deps.configuration.accountCreation === 'invite',
    isFirstPage: after === '',
    invitations: rows.slice(0, entriesPerPage),
    next: rows.length > entriesPerPage ? rows[entriesPerPage - 1]?.position : undefined,
    notice: takeFixedNotice(deps, ctx, notices),
  });
}
