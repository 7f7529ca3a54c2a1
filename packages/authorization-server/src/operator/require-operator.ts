import type { OwnerSession } from '@aipassport/store/authorization';
import { takeForm } from '../account/kept-form.js';
import { requireOwner } from '../account/require-owner.js';
import { pageWithQuery, signInPath } from '../account/return-to.js';
import { queryText, seeOther } from '../account/sign-in.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { requireFormToken } from '../middleware/form-token.js';
import { type Form, readForm } from '../read-form.js';
import type { FixedId } from '../texts/texts.js';
import { confirmAgain, withoutCode } from './confirm-again.js';

/** An operator must have signed in within this time, because the operator's pages show data of all accounts. */
const recentMilliseconds = 60 * 60 * 1_000;

/**
 * The operator who is signed in, for a page. A sign-in leads back to the page, with its query.
 * @returns undefined when the browser has been sent to sign in
 * @throws Denied when the account is not an operator's, with the same reason as for an unknown path
 */
export async function requireOperator(deps: Dependencies, ctx: Context): Promise<OwnerSession | undefined> {
  const returnTo = pageWithQuery(ctx.path, (name) => queryText(ctx, name));
  const operator = await findOperator(deps, ctx, returnTo);
  if (operator === undefined || isRecent(deps, operator)) return operator;
  seeOther(ctx, signInPath(returnTo, 'again'));
  return undefined;
}

/** The operator who is signed in, however long ago. */
async function findOperator(deps: Dependencies, ctx: Context, returnTo: string): Promise<OwnerSession | undefined> {
  const owner = await requireOwner(deps, ctx, returnTo);
  if (owner !== undefined && !owner.isOperator) throw new Denied({ reason: 'path_unknown' });
  return owner;
}

function isRecent({ now }: Dependencies, { authenticatedAt }: OwnerSession): boolean {
  return Math.abs(now().getTime() - authenticatedAt.getTime()) < recentMilliseconds;
}

interface ExpectedForm {
  /** The page to which a browser that is not signed in returns after its sign-in. */
  readonly returnTo: string | ((form: Form) => string);
  /** What the form's token was issued for. */
  readonly purpose: string;
  /** The name of the act that the form asks for; undefined when it names none. */
  readonly act: (form: Form) => FixedId | undefined;
}

/**
 * The operator who is signed in, and the form that the operator sent. The role is checked before the form, so an
 * account that is not an operator's gets the same answer to every form. If the sign-in is too old, the answer is a page
 * that asks the operator to sign in again. The page keeps the contents of the form, and shows only what the form does.
 * @returns undefined when this function has answered the request
 * @throws Denied as `requireOperator` does, and when the form does not have the right CSRF token
 */
export async function requireOperatorForm(
  deps: Dependencies,
  ctx: Context,
  { returnTo, purpose, act }: ExpectedForm,
): Promise<{ readonly operator: OwnerSession; readonly form: Form } | undefined> {
  const page = typeof returnTo === 'string' ? returnTo : returnTo(readForm(ctx));
  const operator = await findOperator(deps, ctx, page);
  if (operator === undefined) return undefined;
  const sent = readForm(ctx);
  requireFormToken(deps, ctx, sent, purpose);
  const named = act(sent);
  const form = await takeForm(deps, ctx, { owner: operator, form: sent, purpose, act: named });
  if (form === undefined) return undefined;
  if (isRecent(deps, operator)) return { operator, form };
  if (!(await confirmAgain(deps, ctx, { operator, form, purpose, act: named }))) return undefined;
  return { operator: { ...operator, authenticatedAt: deps.now() }, form: withoutCode(form) };
}
