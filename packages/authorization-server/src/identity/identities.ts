import { deleteIdentity, listIdentities, type OwnerSession } from '@aipassport/store/authorization';
import { countSignInWays, onlySignInWay } from '../account/count-sign-in-ways.js';
import { type Notices, takeFixedNotice } from '../account/notices.js';
import { redirectWithNotice } from '../account/redirect-with-notice.js';
import { type OwnForm, requireConfirmedForm } from '../account/require-own-form.js';
import { describeSignedIn, requireOwner } from '../account/require-owner.js';
import { changeIfAsShown, outOfDate } from '../account/shown-values.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { type ListedProvider, renderIdentitiesPage } from '../pages/identities-page.js';
import type { Problem } from '../pages/parts.js';
import type { FixedId } from '../texts/texts.js';
import type { IdentityProvider } from './parse-identity-providers.js';
import { sendToProvider } from './send-to-provider.js';

const purpose = 'identities';
const notices: Notices = {
  connected: 'identity.connected',
  removed: 'identity.removed',
  cancelled: 'identity.cancelled',
  taken: 'identity.taken',
};

/** `GET /account/identities`: the identity providers with which the owner can sign in. */
export async function showIdentities(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireOwner(deps, ctx, paths.identities);
  if (owner === undefined) return;
  await renderIdentities(deps, ctx, { owner, notice: takeFixedNotice(deps, ctx, notices), problems: [] });
}

/**
 * `POST /account/identities/:provider/connect`. Requires a recent sign-in, because the identity can sign in to the
 * account from then on.
 */
export async function submitIdentity(deps: Dependencies, ctx: Context, name: string): Promise<void> {
  const provider = deps.identityClients.getProvider(name);
  if ((await requireConfirmed(deps, ctx, { name, act: 'identity.connectAct' })) === undefined) return;
  await sendToProvider(deps, ctx, { provider, returnTo: paths.identities, purpose: 'connect' });
}

/** `POST /account/identities/:provider/remove`. Refused if the account might have no other way to sign in. */
export async function submitIdentityRemoval(deps: Dependencies, ctx: Context, name: string): Promise<void> {
  const { issuer } = deps.identityClients.getProvider(name);
  const sent = await requireConfirmed(deps, ctx, { name, act: 'identity.removeAct' });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const { accountId } = owner;
  const isRemoved = await changeIfAsShown(deps.db, {
    accountId,
    form,
    read: async (transaction) => (await listIdentities(transaction, accountId)).get(issuer)?.createdAt,
    change: async (transaction) =>
      (await countSignInWays({ ...deps, db: transaction }, owner)) > 1 &&
      deleteIdentity(transaction, { accountId, issuer }),
  });
  if (isRemoved === true) return redirectWithNotice(deps, ctx, { path: paths.identities, done: 'removed' });
  return refuse(deps, ctx, { owner, problems: [isRemoved === undefined ? outOfDate : onlySignInWay] });
}

async function requireConfirmed(
  deps: Dependencies,
  ctx: Context,
  { name, act }: { readonly name: string; readonly act: FixedId },
): Promise<OwnForm | undefined> {
  return requireConfirmedForm(deps, ctx, {
    returnTo: paths.identities,
    purpose,
    act,
    question: 'identity.confirm',
    showAgain: (owner, problem) => refuse(deps, ctx, { owner, problems: [problem], changing: name }),
  });
}

async function refuse(deps: Dependencies, ctx: Context, view: Omit<IdentitiesView, 'notice'>): Promise<void> {
  markRefused(ctx, 'form_invalid');
  await renderIdentities(deps, ctx, { ...view, notice: undefined });
}

interface IdentitiesView {
  readonly owner: OwnerSession;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
  /** The identity provider whose form asks for a confirmation. */
  readonly changing?: string;
}

async function renderIdentities(deps: Dependencies, ctx: Context, { owner, ...view }: IdentitiesView): Promise<void> {
  const identities = await listIdentities(deps.db, owner.accountId);
  const listed = await Promise.all(
    deps.identityClients.providers.map(async (provider): Promise<ListedProvider> => {
      const { name, label, issuer } = provider;
      const isReachable = await allowForm(deps, ctx, provider);
      return { name, label, identity: identities.get(issuer), isReachable };
    }),
  );
  ctx.type = 'html';
  ctx.body = renderIdentitiesPage({
    ...view,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    providers: listed,
  });
}

/**
 * Allows the page's forms to redirect to the provider: see `setContentSecurityPolicy`.
 * @returns false when the provider cannot be reached now
 */
async function allowForm(deps: Dependencies, ctx: Context, provider: IdentityProvider): Promise<boolean> {
  try {
    const client = await deps.identityClients.getClient(provider);
    const { origin } = new URL(client.serverMetadata().authorization_endpoint ?? '');
    ctx.state.formActions = [...ctx.state.formActions, origin];
    return true;
  } catch (error) {
    if (error instanceof Denied) return false;
    throw error;
  }
}
