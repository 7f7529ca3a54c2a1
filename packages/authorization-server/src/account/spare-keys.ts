import { deleteSpareKey, nameSpareKey, promoteSpareKey } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import type { Problem } from '../pages/problem.js';
import { fieldText, findInvalidFields } from '../read-form.js';
import { message } from '../texts/texts.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { keysPurpose } from './keys.js';
import {
  changeShownKey,
  goToAbsent,
  goToKeys,
  keysPageOf,
  type OwnKeyForm,
  readShownKey,
  refuseKeyForm,
  requireSpareKeyForm,
} from './own-key.js';
import { askOnceMore, isAsked } from './question.js';
import { isOutOfDate, outOfDate } from './shown-values.js';
import { testStoredSpareKey } from './test-key.js';

/** `POST /account/keys/spare/:key_id/test`. If the result comes late, the owner sees it after reloading the page. */
export async function submitSpareKeyTest(deps: Dependencies, ctx: Context, id: string): Promise<void> {
  const sent = await requireSpareKeyForm(deps, ctx, id);
  if (sent === undefined) return;
  if (await testStoredSpareKey(deps, { accountId: sent.owner.accountId, id })) goToKeys(deps, ctx, sent);
  else goToAbsent(deps, ctx, sent);
}

/** `POST /account/keys/spare/:key_id/name`: an empty name removes the name that the spare key has. */
export async function submitSpareKeyName(deps: Dependencies, ctx: Context, id: string): Promise<void> {
  const sent = await requireSpareKeyForm(deps, ctx, id);
  if (sent === undefined) return;
  const { form, owner } = sent;
  const name = fieldText(form, 'name').trim();
  if (findInvalidFields(deps.forms.keyName, form).length > 0)
    return refuseKeyForm(deps, ctx, sent, {
      typedName: { of: id, name: fieldText(form, 'name') },
      problems: [{ field: `name-${id}`, message: message('keys.badName') }],
    });
  return changeShownKey(deps, ctx, sent, {
    change: async (transaction) => {
      await nameSpareKey(transaction, { accountId: owner.accountId, id }, name);
      return true;
    },
    done: 'named',
  });
}

/** `POST /account/keys/spare/:key_id/first`: requests that are admitted from then on use this provider key. */
export async function submitSpareKeyFirst(deps: Dependencies, ctx: Context, id: string): Promise<void> {
  const sent = await requireSpareKeyForm(deps, ctx, id);
  if (sent === undefined) return;
  const { accountId } = sent.owner;
  return changeShownKey(deps, ctx, sent, {
    change: (transaction) => promoteSpareKey(transaction, { accountId, id }),
    done: 'first',
  });
}

/** `POST /account/keys/spare/:key_id/delete`: asks once more, and then deletes the spare key. */
export async function submitDeleteSpareKey(deps: Dependencies, ctx: Context, id: string): Promise<void> {
  const sent = await requireSpareKeyForm(deps, ctx, id);
  if (sent === undefined) return;
  const { form, owner } = sent;
  const current = await readShownKey(deps.db, sent);
  if (current === undefined) return goToAbsent(deps, ctx, sent);
  if (isOutOfDate(form, current)) return refuseKeyForm(deps, ctx, sent, { problems: [outOfDate] });
  if (!isAsked(form)) return askAboutSpareKey(deps, ctx, { sent, current, problems: [] });
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'keys.confirmDeletion' });
  if (unconfirmed !== undefined) {
    markRefused(ctx, 'form_invalid');
    return askAboutSpareKey(deps, ctx, { sent, current, problems: [unconfirmed] });
  }
  const { accountId } = owner;
  return changeShownKey(deps, ctx, sent, {
    change: (transaction) => deleteSpareKey(transaction, { accountId, id }),
    done: 'deletedSpare',
  });
}

interface AskedSpareKey {
  readonly sent: OwnKeyForm;
  /** The values of the spare key that the page shows. */
  readonly current: unknown;
  readonly problems: readonly Problem[];
}

function askAboutSpareKey(deps: Dependencies, ctx: Context, { sent, current, problems }: AskedSpareKey): void {
  const provider = deps.configuration.models.upstreams.labelOf(sent.upstream);
  askOnceMore(deps, ctx, {
    owner: sent.owner,
    current: 'keys',
    purpose: keysPurpose,
    title: 'keys.deleteKey',
    subject: provider,
    effects: [message('keys.thenUnchanged'), message('keys.deleteStays', { provider })],
    submit: 'keys.deleteNow',
    back: keysPageOf(sent),
    shown: { values: current },
    returnTo: sent.returnTo,
    problems,
  });
}
