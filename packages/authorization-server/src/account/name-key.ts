import { nameProviderKey } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { fieldText, findInvalidFields } from '../read-form.js';
import { message } from '../texts/texts.js';
import { changeShownKey, refuseKeyForm, requireOwnKeyForm } from './own-key.js';

/** `POST /account/keys/:upstream/name`: gives a provider key a name. An empty name removes the name that it has. */
export async function submitKeyName(deps: Dependencies, ctx: Context, upstream: string): Promise<void> {
  const sent = await requireOwnKeyForm(deps, ctx, upstream);
  if (sent === undefined) return;
  const { form, owner } = sent;
  if (findInvalidFields(deps.forms.keyName, form).length > 0)
    return refuseKeyForm(deps, ctx, sent, {
      typedName: { of: upstream, name: fieldText(form, 'name') },
      problems: [{ field: `name-${upstream}`, message: message('keys.badName') }],
    });
  const name = fieldText(form, 'name').trim();
  const key = { accountId: owner.accountId, upstream };
  return changeShownKey(deps, ctx, sent, {
    change: async (transaction) => {
      await nameProviderKey(transaction, key, name);
      return true;
    },
    done: 'named',
  });
}
