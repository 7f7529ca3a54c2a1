import type { Database } from '@aipassport/store';
import {
  listOperatorKeys,
  lockOperatorCaps,
  type OperatorCaps,
  type OwnerSession,
  readOperatorCaps,
  readOperatorSpending,
  setOperatorCaps,
} from '@aipassport/store/authorization';
import { confirmSignIn } from '../account/confirm-sign-in.js';
import { incomplete } from '../account/incomplete.js';
import { takeFixedNotice } from '../account/notices.js';
import { redirectWithNotice } from '../account/redirect-with-notice.js';
import { describeSignedIn } from '../account/require-owner.js';
import { isOutOfDate, outOfDate } from '../account/shown-values.js';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderOperatorKeysPage } from '../pages/operator-keys-page.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldText, findInvalidFields } from '../read-form.js';
import { findCapProblem, formatCap, readCap, trimCaps } from './cap-field.js';
import { notices } from './lists.js';
import { requireOperator, requireOperatorForm } from './require-operator.js';

const purpose = 'operator-caps';
const fields = { ofAll: 'cap_of_all_usd', ofAccount: 'cap_of_account_usd' } as const;

/** `GET /operator/keys`: the provider keys that serve all accounts, what they spend, and their caps. */
export async function showOperatorKeys(deps: Dependencies, ctx: Context): Promise<void> {
  const operator = await requireOperator(deps, ctx);
  if (operator !== undefined) await renderKeys(deps, ctx, { operator, problems: [] });
}

/** `POST /operator/keys/caps`. It is answered after the commit. From then on, every proxy applies these caps. */
export async function submitOperatorCaps(deps: Dependencies, ctx: Context): Promise<void> {
  const sent = await requireOperatorForm(deps, ctx, {
    returnTo: paths.operatorKeys,
    purpose,
    act: () => 'operator.capsTitle',
  });
  if (sent === undefined) return;
  const { operator } = sent;
  const form = trimCaps(sent.form, Object.values(fields));
  const refuse = (problems: readonly Problem[], typed?: Form) => {
    markRefused(ctx, 'form_invalid');
    return renderKeys(deps, ctx, { operator, problems, typed });
  };
  if (isOutOfDate(form, describeCaps(await readOperatorCaps(deps.db)))) return refuse([outOfDate]);
  const { operatorCaps } = deps.configuration;
  const problems = [
    ...findCapProblem(form, fields.ofAll, operatorCaps.ofAll),
    ...findCapProblem(form, fields.ofAccount, operatorCaps.ofAccount),
  ];
  if (problems.length > 0) return refuse(problems, form);
  const known: readonly string[] = [...Object.values(fields), 'password'];
  if (findInvalidFields(deps.forms.operatorCaps, form).some((field) => !known.includes(field)))
    return refuse([incomplete], form);
  const unconfirmed = await confirmSignIn(deps, ctx, { owner: operator, question: 'operator.confirmChange' });
  if (unconfirmed !== undefined) return refuse([unconfirmed], form);
  const caps = { ofAll: readCap(form, fields.ofAll), ofAccount: readCap(form, fields.ofAccount) };
  if (!(await changeCaps(deps.db, form, { caps, by: operator.accountId }))) return refuse([outOfDate]);
  ctx.state.log.info({ event: 'operator_caps_changed', by: operator.accountId });
  redirectWithNotice(deps, ctx, { path: paths.operatorKeys, done: 'changed' });
}

/** @returns false when the caps are no longer those that the page showed; then nothing is changed */
function changeCaps(db: Database, form: Form, { caps, by }: { readonly caps: OperatorCaps; readonly by: string }) {
  return db.transaction().execute(async (transaction) => {
    await lockOperatorCaps(transaction);
    if (isOutOfDate(form, describeCaps(await readOperatorCaps(transaction)))) return false;
    await setOperatorCaps(transaction, caps, by);
    return true;
  });
}

/** The caps as the fields show them. */
function describeCaps({ ofAll, ofAccount }: OperatorCaps) {
  return { ofAll: formatCap(ofAll), ofAccount: formatCap(ofAccount) };
}

interface KeysView {
  readonly operator: OwnerSession;
  readonly problems: readonly Problem[];
  /** The values that the operator typed; present when the form is shown again with them. */
  readonly typed?: Form | undefined;
}

async function renderKeys(deps: Dependencies, ctx: Context, { operator, problems, typed }: KeysView): Promise<void> {
  const { operatorKeysFor, operatorCaps, models } = deps.configuration;
  const caps = await readOperatorCaps(deps.db);
  const current = describeCaps(caps);
  const shown = typed && { ofAll: fieldText(typed, fields.ofAll), ofAccount: fieldText(typed, fields.ofAccount) };
  ctx.type = 'html';
  ctx.body = renderOperatorKeysPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, operator, 'operator'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    timeZone: operator.timeZone,
    now: deps.now(),
    keys: await listOperatorKeys(deps.db),
    offered: operatorKeysFor,
    upstreams: models.upstreams,
    spending: await readOperatorSpending(deps.db),
    caps,
    bounds: operatorCaps,
    current,
    typed: shown ?? current,
    notice: takeFixedNotice(deps, ctx, notices),
    problems,
  });
}
