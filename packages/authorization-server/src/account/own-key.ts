import type { Upstream } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import { findListedKey, findSpareKey, type OwnerSession } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import type { Problem } from '../pages/parts.js';
import { describeShownKey } from '../pages/shown-keys.js';
import { type Form, fieldText, readForm } from '../read-form.js';
import { type KeysView, keysPurpose, renderKeys } from './keys.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { keysPath, readRequestPath } from './return-to.js';
import { changeIfAsShown, outOfDate } from './shown-values.js';
import { seeOther } from './sign-in.js';

/** A form about one stored provider key, and the owner who sent it. */
export interface OwnKeyForm {
  readonly form: Form;
  readonly owner: OwnerSession;
  readonly upstream: Upstream;
  /** The identifier of a spare provider key; undefined when the form is about the first one of the upstream. */
  readonly spareId?: string;
  /** The path of the app's request for which the owner came to the page of provider keys. */
  readonly returnTo: string | undefined;
}

/**
 * `requireOwnForm`, for the forms about one provider key.
 * @returns undefined when the browser has been sent to sign in
 */
export async function requireOwnKeyForm(
  deps: Dependencies,
  ctx: Context,
  upstream: Upstream,
): Promise<OwnKeyForm | undefined> {
  const returnTo = readRequestPath(fieldText(readForm(ctx), 'return_to'));
  const page = returnTo ?? keysPath();
  const sent = await requireOwnForm(deps, ctx, { returnTo: page, purpose: keysPurpose, act: 'keys.deleteKey' });
  return sent && { ...sent, upstream, returnTo };
}

/**
 * `requireOwnKeyForm`, for a form about one spare provider key.
 * @returns undefined when the browser has been sent to sign in, or when the owner has no such spare key
 */
export async function requireSpareKeyForm(
  deps: Dependencies,
  ctx: Context,
  spareId: string,
): Promise<OwnKeyForm | undefined> {
  const sent = await requireOwnKeyForm(deps, ctx, '');
  if (sent === undefined) return undefined;
  const key = await findSpareKey(deps.db, { accountId: sent.owner.accountId, id: spareId });
  if (key !== undefined) return { ...sent, upstream: key.upstream, spareId };
  goToAbsent(deps, ctx, { ...sent, spareId });
  return undefined;
}

/**
 * Goes back to the page of provider keys, which still links to the app's request.
 * @param done names the notice
 */
export function goToKeys(deps: Dependencies, ctx: Context, sent: OwnKeyForm, done?: string): void {
  const { upstream } = sent;
  const path = keysPageOf(sent);
  if (done === undefined) return seeOther(ctx, path);
  redirectWithNotice(deps, ctx, { path, done, values: { upstream } });
}

/** Says that the provider key of the form is no longer there. */
export function goToAbsent(deps: Dependencies, ctx: Context, sent: OwnKeyForm): void {
  goToKeys(deps, ctx, sent, sent.spareId === undefined ? 'absent' : 'absentSpare');
}

/** The page of provider keys, as the owner left it. */
export function keysPageOf({ upstream, returnTo }: OwnKeyForm): string {
  return returnTo === undefined ? keysPath() : keysPath({ upstream, returnTo });
}

/** Shows the page again, with a problem. */
export function refuseKeyForm(
  deps: Dependencies,
  ctx: Context,
  { owner, returnTo }: OwnKeyForm,
  view: Partial<KeysView> & { readonly problems: readonly Problem[] },
): Promise<void> {
  markRefused(ctx, 'form_invalid');
  return renderKeys(deps, ctx, { owner, returnTo, notice: undefined, ...view });
}

/**
 * The values of a provider key that the page shows. The forms about the key send a hash of these values. undefined when
 * the account has no such provider key.
 */
export async function readShownKey(
  db: Database,
  { owner: { accountId }, upstream, spareId: id }: Pick<OwnKeyForm, 'owner' | 'upstream' | 'spareId'>,
): Promise<unknown> {
  const key = await (id === undefined
    ? findListedKey(db, { accountId, upstream })
    : findSpareKey(db, { accountId, id }));
  return key && describeShownKey(key);
}

/**
 * Changes the provider key that the page showed, and goes back. If that key or its name was changed meanwhile, says so.
 */
export async function changeShownKey(
  deps: Dependencies,
  ctx: Context,
  sent: OwnKeyForm,
  { change, done }: { readonly change: (transaction: Database) => Promise<unknown>; readonly done: string },
): Promise<void> {
  const { form, owner } = sent;
  const read = (transaction: Database) => readShownKey(transaction, sent);
  const changed = await changeIfAsShown(deps.db, { accountId: owner.accountId, form, read, change });
  if (changed !== undefined) return goToKeys(deps, ctx, sent, done);
  if ((await readShownKey(deps.db, sent)) === undefined) return goToAbsent(deps, ctx, sent);
  return refuseKeyForm(deps, ctx, sent, { problems: [outOfDate] });
}
