import { randomBytes } from 'node:crypto';
import { hashSecret, makeSecret } from '@aipassport/store';
import {
  insertOwnedClient,
  listOwnedClients,
  maxClientsOfAccount,
  type OwnedClientKey,
  type OwnedClientType,
  type OwnerSession,
} from '@aipassport/store/authorization';
import { confirmSignIn } from '../account/confirm-sign-in.js';
import { incomplete } from '../account/incomplete.js';
import { takeNotice } from '../account/notices.js';
import { redirectWithNotice } from '../account/redirect-with-notice.js';
import { requireOwnForm } from '../account/require-own-form.js';
import { describeSignedIn } from '../account/require-owner.js';
import { keepSecret } from '../account/secret-cookies.js';
import type { Context } from '../context.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { listWebOrigins } from '../oidc/list-web-origins.js';
import { buildStoredMetadata } from '../oidc/stored-metadata.js';
import { renderClientFormPage } from '../pages/client-form-page.js';
import { renderClientsPage } from '../pages/clients-page.js';
import type { Problem } from '../pages/parts.js';
import { findInvalidFields } from '../read-form.js';
import { message } from '../texts/texts.js';
import {
  buildEntryMetadata,
  type ClientEntry,
  emptyEntry,
  listEntryProblems,
  readClientEntry,
} from './client-entry.js';
import { requireDeveloper, requireDeveloperClients } from './require-developer.js';

const purpose = 'developer-client-new';

/** `GET /account/developer/clients`: the clients that the account registered. */
export async function showClients(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireDeveloper(deps, ctx, paths.developerClients);
  if (owner === undefined) return;
  ctx.type = 'html';
  ctx.body = renderClientsPage({
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    clients: await listOwnedClients(deps.db, owner.accountId),
    notice: takeNotice(deps, ctx)?.done === 'deleted' ? 'clients.deleted' : undefined,
  });
}

/** `GET /account/developer/clients/new` */
export async function showNewClient(deps: Dependencies, ctx: Context): Promise<void> {
  const owner = await requireDeveloper(deps, ctx, paths.newDeveloperClient);
  if (owner !== undefined) renderNewClient(deps, ctx, { owner, entry: emptyEntry, problems: [] });
}

/** `POST /account/developer/clients/new`: registers a client. The next page shows its secret once. */
export async function submitNewClient(deps: Dependencies, ctx: Context): Promise<void> {
  requireDeveloperClients(deps);
  const sent = await requireOwnForm(deps, ctx, {
    returnTo: paths.newDeveloperClient,
    purpose,
    act: 'clients.register',
  });
  if (sent === undefined) return;
  const { form, owner } = sent;
  const entry = readClientEntry(form);
  const refuse = (...problems: readonly Problem[]) => {
    markRefused(ctx, 'form_invalid');
    renderNewClient(deps, ctx, { owner, entry, problems });
  };
  const problems = listEntryProblems(entry, deps.configuration);
  if (problems.length > 0) return refuse(...problems);
  if (findInvalidFields(deps.forms.developerClient, form).length > 0) return refuse(incomplete);
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'clients.confirmNew' });
  if (unconfirmed !== undefined) return refuse(unconfirmed);
  const added = await addClient(deps, owner, entry);
  if (added === undefined) return refuse(tooMany);
  if (added.secret !== undefined) keepSecret(deps, ctx, 'newClientSecret', `${added.clientId}.${added.secret}`);
  redirectWithNotice(deps, ctx, { path: formatPath(paths.developerClient, added.clientId), done: 'registered' });
}

const tooMany: Problem = { field: undefined, message: message('clients.tooMany', { max: maxClientsOfAccount }) };

/** @returns undefined when the account has the maximum number of clients */
export async function addClient(
  { db, configuration }: Dependencies,
  { accountId, apiToken }: Pick<OwnedClientKey, 'accountId' | 'apiToken'>,
  entry: ClientEntry,
): Promise<{ readonly clientId: string; readonly secret: string | undefined } | undefined> {
  const clientId = randomBytes(16).toString('base64url');
  const secret = entry.type === 'web' ? makeSecret() : undefined;
  const isAdded = await insertOwnedClient(db, {
    accountId,
    ...(apiToken !== undefined && { apiToken }),
    type: entry.type as OwnedClientType, // `listEntryProblems` checked it
    client: {
      id: clientId,
      name: entry.name,
      metadata: buildStoredMetadata(buildEntryMetadata(entry, configuration)),
      secretHash: secret === undefined ? undefined : hashSecret(secret),
      webOrigins: listWebOrigins(entry.redirectUris),
      registeredBy: 'registration',
    },
  });
  return isAdded ? { clientId, secret } : undefined;
}

interface NewClientView {
  readonly owner: OwnerSession;
  readonly entry: ClientEntry;
  readonly problems: readonly Problem[];
}

function renderNewClient(deps: Dependencies, ctx: Context, { owner, ...view }: NewClientView): void {
  ctx.type = 'html';
  ctx.body = renderClientFormPage({
    ...view,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purpose),
    action: paths.newDeveloperClient,
    back: { path: paths.developerClients, text: 'clients.title' },
    current: undefined,
    isApproved: false,
  });
}
