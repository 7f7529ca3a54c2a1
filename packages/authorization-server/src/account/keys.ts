import { dayOf, firstOfMonth, type KeyVerdict, type Upstream, type UpstreamEntry } from '@aipassport/policy';
import { listProviderKeys, listSpareKeys, type OwnerSession, summarizeOwnKeys } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { listKeyStates } from '../interaction/list-key-states.js';
import { issueFormToken } from '../middleware/form-token.js';
import { renderKeysPage } from '../pages/keys-page.js';
import type { Problem } from '../pages/parts.js';
import { type Form, fieldText, findInvalidFields, readForm, readSecretField } from '../read-form.js';
import { instant, type Message, message } from '../texts/texts.js';
import { checkProviderKey } from './check-provider-key.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { incomplete } from './incomplete.js';
import { type Notices, takeNotice } from './notices.js';
import { findOwner } from './owner-session.js';
import { findKeyProblem, isVisibleAscii } from './provider-key-format.js';
import { redirectWithNotice } from './redirect-with-notice.js';
import { requireOwnForm } from './require-own-form.js';
import { describeSignedIn, isRecentlyAuthenticated, requireOwner } from './require-owner.js';
import { readRequestPath, signInPath } from './return-to.js';
import { outOfDate } from './shown-values.js';
import { queryText, seeOther } from './sign-in.js';
import { storeKey } from './store-key.js';

const path = paths.keys;
/** The purpose of the forms on the page of provider keys. */
export const keysPurpose = 'provider-keys';

const notices: Notices = {
  stored: 'keys.stored',
  accepted: 'keys.storedAccepted',
  untested: 'keys.storedUntested',
  absent: 'keys.absent',
  named: 'keys.named',
  first: 'keys.first',
  absentSpare: 'keys.absentSpare',
};

/** `GET /account/keys` */
export async function showKeys(deps: Dependencies, ctx: Context): Promise<void> {
  const returnTo = readRequestPath(queryText(ctx, 'return_to'));
  // An owner who has to sign in first comes to the app's request after the sign-in. The page of that request has a link
  // to this page.
  const owner = await requireOwner(deps, ctx, returnTo ?? path);
  if (owner === undefined) return;
  const chosen = deps.configuration.models.upstreams.find(queryText(ctx, 'upstream'));
  const notice = await takeKeyNotice(deps, ctx, owner);
  await renderKeys(deps, ctx, { owner, returnTo, chosenUpstream: chosen?.name, notice, problems: [] });
}

/** The notice of a deletion contains the name of the AI provider. */
async function takeKeyNotice(deps: Dependencies, ctx: Context, owner: OwnerSession): Promise<Message | undefined> {
  const { done = '', values = {} } = takeNotice(deps, ctx) ?? {};
  const deleted = done === 'deleted' && deps.configuration.models.upstreams.find(values['upstream'] ?? '');
  if (deleted) return describeDeletion(deps, owner, deleted);
  const ofSpare = done === 'deletedSpare' && deps.configuration.models.upstreams.find(values['upstream'] ?? '');
  if (ofSpare) return message('keys.deletedSpare', { provider: ofSpare.label });
  const fixed = Object.hasOwn(notices, done) ? notices[done] : undefined;
  return fixed && message(fixed);
}

/**
 * Describes the effect that the deletion of a provider key has on apps. @returns undefined when the state of the AI
 * provider is not known
 */
async function describeDeletion(
  deps: Dependencies,
  owner: OwnerSession,
  { name, label: provider }: UpstreamEntry,
): Promise<Message | undefined> {
  const state = (await listKeyStates(deps, owner)).find(({ upstream }) => upstream === name);
  switch (state?.kind) {
    case 'server':
      return message('keys.deletedServer', { provider });
    case 'server_used_up': {
      const { timeZone } = owner;
      return message('keys.deletedUsedUp', { provider, at: instant(state.until, timeZone), timeZone });
    }
    case 'simulated':
      return message('keys.deletedSimulated', { provider });
    case 'missing':
      return message('keys.deletedMissing', { provider });
    case 'own':
    case 'own_unchecked':
    case 'own_refused':
      return message('keys.deletedNext', { provider, ending: state.lastFour });
    case undefined:
      return undefined;
  }
}

/**
 * `POST /account/keys`: adds or replaces a provider key. The plain key is sent only to the AI provider, to ask whether
 * it accepts the provider key. Only the sealed key is stored.
 */
export async function submitKey(deps: Dependencies, ctx: Context): Promise<void> {
  const returnTo = readRequestPath(fieldText(readForm(ctx), 'return_to'));
  const sent = await requireOwnForm(deps, ctx, { returnTo: returnTo ?? path, purpose: keysPurpose });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const { upstreams } = deps.configuration.models;
  const entry = upstreams.find(fieldText(form, 'upstream'));
  const key = trimSpaces(readSecretField(ctx, 'key'));
  const keepsRefused = fieldText(form, 'keep_refused') === 'yes';
  const refuse = async (problems: readonly Problem[], offersToKeep = keepsRefused) => {
    markRefused(ctx, 'form_invalid');
    // read again: if the password in this form was right, there is a new session, and the page need not ask
    const current = (await findOwner(deps, ctx)) ?? owner;
    const name = { chosenName: fieldText(form, 'name'), chosenUpstream: entry?.name };
    const asSpare = fieldText(form, 'as_spare') === 'yes';
    const chosen = { returnTo, ...name, offersToKeep, keepsRefused, asSpare };
    return renderKeys(deps, ctx, { owner: current, ...chosen, notice: undefined, problems });
  };
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'keys.confirm' });
  const problems = [...findProblems(deps, form, key), unconfirmed].filter((one) => one !== undefined);
  if (entry === undefined || problems.length > 0) return refuse(problems);
  const verdict = await tryKey(deps, entry.name, key);
  if (isRefusal(verdict) && !keepsRefused)
    return refuse([{ field: 'key', message: message(refusals[verdict], { provider: entry.label }) }], true);
  const tested = verdict === 'not_tried' ? undefined : verdict;
  const outcome = await storeKey(deps, { accountId: owner.accountId, upstream: entry.name, form, tested }, key);
  if (outcome === 'account_over') return seeOther(ctx, signInPath(path));
  if (outcome === 'out_of_date') return refuse([outOfDate]);
  if (outcome === 'too_many') return refuse([{ field: undefined, message: message('keys.tooMany') }]);
  if (returnTo !== undefined) return seeOther(ctx, returnTo);
  redirectWithNotice(deps, ctx, { path, done: noticeOf[verdict] });
}

function findProblems({ forms, configuration }: Dependencies, form: Form, key: Buffer): readonly Problem[] {
  const { upstreams } = configuration.models;
  const entry = upstreams.find(fieldText(form, 'upstream'));
  const invalid = findInvalidFields(forms.providerKey, form);
  const malformed = invalid.includes('key') || !isVisibleAscii(key) ? message('keys.malformed') : undefined;
  const wrongKey = malformed ?? (entry && findKeyProblem(entry, key, upstreams.entries));
  return [
    ...(entry === undefined ? [{ field: 'upstream', message: message('keys.chooseProvider') }] : []),
    ...(wrongKey === undefined ? [] : [{ field: 'key', message: wrongKey }]),
    ...(invalid.includes('name') ? [{ field: 'name', message: message('keys.badName') }] : []),
    ...(invalid.some((field) => !['upstream', 'key', 'name'].includes(field)) ? [incomplete] : []),
  ];
}

type Trial = KeyVerdict | 'not_tried';

/** Asks the AI provider about the provider key, unless the operator does not want that. */
async function tryKey({ configuration }: Dependencies, upstream: Upstream, key: Buffer): Promise<Trial> {
  const check = configuration.keyChecks[upstream];
  return check === undefined ? 'not_tried' : checkProviderKey(check, key);
}

const refusals = { refused: 'keys.tryRefused', unpaid: 'keys.tryUnpaid' } as const;
/** The notice after a provider key was stored, by the verdict of its test. */
const noticeOf = {
  accepted: 'accepted',
  refused: 'stored',
  unpaid: 'stored',
  unknown: 'untested',
  not_tried: 'stored',
} as const;

function isRefusal(verdict: Trial): verdict is keyof typeof refusals {
  return verdict in refusals;
}

/** Removes white space that people often copy together with a provider key. */
function trimSpaces(key: Buffer): Buffer {
  const isSpace = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
  const start = key.findIndex((byte) => !isSpace(byte));
  return start === -1 ? key.subarray(0, 0) : key.subarray(start, key.findLastIndex((byte) => !isSpace(byte)) + 1);
}

export interface KeysView {
  readonly owner: OwnerSession;
  /** The path of the app's request for which the owner adds a provider key. */
  readonly returnTo?: string | undefined;
  readonly chosenUpstream?: Upstream | undefined;
  readonly chosenName?: string;
  /** Whether the owner may save a provider key that the AI provider has just refused. */
  readonly offersToKeep?: boolean;
  /** Whether the owner has ticked the checkbox for saving such a provider key. */
  readonly keepsRefused?: boolean;
  /** Whether the owner has ticked the checkbox for adding a spare key. */
  readonly asSpare?: boolean;
  /** A name that was refused, and the AI provider of its provider key, or the identifier of its spare key. */
  readonly typedName?: { readonly of: string; readonly name: string };
  readonly notice: Message | undefined;
  readonly problems: readonly Problem[];
}

export async function renderKeys(deps: Dependencies, ctx: Context, { owner, ...view }: KeysView): Promise<void> {
  const month = firstOfMonth(dayOf(deps.now(), owner.timeZone));
  ctx.type = 'html';
  ctx.body = renderKeysPage({
    ...view,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'keys'),
    csrfToken: issueFormToken(deps, ctx, keysPurpose),
    timeZone: owner.timeZone,
    now: deps.now(),
    keys: await listProviderKeys(deps.db, owner.accountId),
    spareKeys: await listSpareKeys(deps.db, owner.accountId),
    keyStates: await listKeyStates(deps, owner),
    upstreams: deps.configuration.models.upstreams,
    asksForPassword: !isRecentlyAuthenticated(deps, owner),
    usage: await summarizeOwnKeys(deps.db, { accountId: owner.accountId, month }),
  });
}
