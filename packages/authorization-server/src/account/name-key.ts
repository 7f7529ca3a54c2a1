import { nameProviderKey } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { fieldText, findInvalidFields } from '../read-form.js';
import { message } from '../texts/texts.js';
import { keysPurpose, renderKeys } from './keys.js';
import { requireOwnForm } from './require-own-form.js';
import { seeOther } from './sign-in.js';

/** `POST /account/keys/:upstream/name`: gives a provider key a name, or takes it away. */
export async function submitKeyName(deps: Dependencies, ctx: Context, upstream: string): Promise<void> {
  const sent = await requireOwnForm(deps, ctx, { returnTo: paths.keys, purpose: keysPurpose });
  if (sent === undefined) return;
  const { form, owner } = sent;
  if (findInvalidFields(deps.forms.keyName, form).length > 0) {
    ctx.status = 422;
    const problems = [{ field: `name-${upstream}`, message: message('keys.badName') }];
    return renderKeys(deps, ctx, { owner, notice: undefined, problems });
  }
  await nameProviderKey(deps.db, { accountId: owner.accountId, upstream }, fieldText(form, 'name').trim());
  seeOther(ctx, `${paths.keys}?done=named`);
}
