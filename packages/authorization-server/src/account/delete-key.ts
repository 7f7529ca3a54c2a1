import { deleteProviderKey } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { changeShownKey, goToKeys, readShownKey, refuseKeyForm, requireOwnKeyForm } from './own-key.js';
import { isOutOfDate, outOfDate } from './shown-values.js';

/** `POST /account/keys/:upstream/delete` */
export async function submitDeleteKey(deps: Dependencies, ctx: Context, upstream: string): Promise<void> {
  const sent = await requireOwnKeyForm(deps, ctx, upstream);
  if (sent === undefined) return;
  const { form, owner } = sent;
  if (deps.configuration.models.upstreams.find(upstream) === undefined)
    throw new Denied({ reason: 'upstream_unknown' });
  const current = await readShownKey(deps.db, sent);
  if (current === undefined) return goToKeys(ctx, sent, 'absent');
  if (isOutOfDate(form, current)) return refuseKeyForm(deps, ctx, sent, { problems: [outOfDate] });
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'keys.confirmDeletion' });
  if (unconfirmed !== undefined) return refuseKeyForm(deps, ctx, sent, { deleting: upstream, problems: [unconfirmed] });
  const { accountId } = owner;
  return changeShownKey(deps, ctx, sent, {
    change: (transaction) => deleteProviderKey(transaction, { accountId, upstream }),
    done: 'deleted',
  });
}
