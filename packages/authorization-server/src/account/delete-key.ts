import type { UpstreamEntry } from '@aipassport/policy';
import { deleteProviderKey, listLiveGrants, listSpareKeys } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { listAskedUpstreams, listKeyStates } from '../interaction/list-key-states.js';
import type { Problem } from '../pages/problem.js';
import { type Message, message } from '../texts/texts.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { keysPurpose } from './keys.js';
import {
  changeShownKey,
  goToKeys,
  keysPageOf,
  type OwnKeyForm,
  readShownKey,
  refuseKeyForm,
  requireOwnKeyForm,
} from './own-key.js';
import { askOnceMore, isAsked } from './question.js';
import { isOutOfDate, outOfDate } from './shown-values.js';

/** `POST /account/keys/:upstream/delete`: asks once more, and then deletes the provider key. */
export async function submitDeleteKey(deps: Dependencies, ctx: Context, upstream: string): Promise<void> {
  const sent = await requireOwnKeyForm(deps, ctx, upstream);
  if (sent === undefined) return;
  const { form, owner } = sent;
  const entry = deps.configuration.models.upstreams.find(upstream);
  if (entry === undefined) throw new Denied({ reason: 'upstream_unknown' });
  const current = await readShownKey(deps.db, sent);
  if (current === undefined) return goToKeys(deps, ctx, sent, 'absent');
  if (isOutOfDate(form, current)) return refuseKeyForm(deps, ctx, sent, { problems: [outOfDate] });
  const asked = { sent, entry, current };
  if (!isAsked(form)) return askAboutKey(deps, ctx, { ...asked, problems: [] });
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'keys.confirmDeletion' });
  if (unconfirmed !== undefined) {
    markRefused(ctx, 'form_invalid');
    return askAboutKey(deps, ctx, { ...asked, problems: [unconfirmed] });
  }
  const { accountId } = owner;
  return changeShownKey(deps, ctx, sent, {
    change: (transaction) => deleteProviderKey(transaction, { accountId, upstream }),
    done: 'deleted',
  });
}

interface AskedKey {
  readonly sent: OwnKeyForm;
  readonly entry: UpstreamEntry;
  /** The values of the provider key that the page shows. */
  readonly current: unknown;
  readonly problems: readonly Problem[];
}

async function askAboutKey(deps: Dependencies, ctx: Context, { sent, entry, current, problems }: AskedKey) {
  const { owner, returnTo } = sent;
  askOnceMore(deps, ctx, {
    owner,
    current: 'keys',
    purpose: keysPurpose,
    title: 'keys.deleteKey',
    subject: entry.label,
    effects: await listEffects(deps, sent, entry),
    submit: 'keys.deleteNow',
    back: keysPageOf(sent),
    shown: { values: current },
    returnTo,
    problems,
  });
}

async function listEffects(
  deps: Dependencies,
  { owner }: OwnKeyForm,
  { name, label: provider }: UpstreamEntry,
): Promise<readonly Message[]> {
  const grants = await listLiveGrants(deps.db, owner.accountId);
  const affected = grants.filter(({ tokens }) => listAskedUpstreams({ tokens, choosable: [] }).includes(name));
  const count = new Set(affected.map(({ clientId }) => clientId)).size;
  const next = (await listSpareKeys(deps.db, owner.accountId)).find(({ upstream }) => upstream === name);
  const after = (await listKeyStates(deps, undefined)).find(({ upstream }) => upstream === name)?.kind;
  const then =
    after === 'server' ? 'keys.thenServer' : after === 'simulated' ? 'keys.thenSimulated' : 'keys.thenMissing';
  return [
    message('keys.deleteApps', { count, provider }),
    next === undefined ? message(then, { provider }) : message('keys.thenNext', { provider, ending: next.lastFour }),
    message('keys.deleteStays', { provider }),
  ];
}
