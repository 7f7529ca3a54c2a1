import type { Database } from '@aipassport/store';
import { type OwnedClientKey, updateManagedClient } from '@aipassport/store/authorization';
import { confirmSignIn } from '../account/confirm-sign-in.js';
import { redirectWithNotice } from '../account/redirect-with-notice.js';
import { describeSignedIn } from '../account/require-owner.js';
import { changeIfAsShown, isOutOfDate, outOfDate } from '../account/shown-values.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import { markRefused } from '../denials/mark-refused.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import { issueFormToken } from '../middleware/form-token.js';
import { listWebOrigins } from '../oidc/list-web-origins.js';
import { buildStoredMetadata } from '../oidc/stored-metadata.js';
import { renderClientFormPage } from '../pages/client-form-page.js';
import type { Problem } from '../pages/parts.js';
import {
  buildEntryMetadata,
  type ClientEntry,
  describeClient,
  listEntryProblems,
  readClientEntry,
} from './client-entry.js';
import { getOwnClient, type OwnClient, requireClientForm, requireOwnClient } from './require-developer.js';

/** A form's token is for one client, so that the form cannot change another client. */
const purposeOf = (clientId: string) => `developer-client-edit:${clientId}`;

/** `GET /account/developer/clients/:client_id/edit` */
export async function showEditClient(deps: Dependencies, ctx: Context, clientId: string): Promise<void> {
  const own = await requireOwnClient(deps, ctx, clientId);
  if (own !== undefined) renderEditClient(deps, ctx, { ...own, entry: describeClient(own.client), problems: [] });
}

/**
 * `POST /account/developer/clients/:client_id/edit`. The type stays, because it says whether the client has a secret.
 * Requires a recent sign-in, because owners are sent to the redirect URIs with their authorization codes.
 */
export async function submitEditClient(deps: Dependencies, ctx: Context, clientId: string): Promise<void> {
  const sent = await requireClientForm(deps, ctx, { clientId, purpose: purposeOf(clientId), act: 'clients.save' });
  if (sent === undefined) return;
  const { form, owner, client } = sent;
  const { accountId } = owner;
  const key = { accountId, clientId };
  const refuse = (problems: readonly Problem[], entry: ClientEntry, present = client) => {
    markRefused(ctx, 'form_invalid');
    return renderEditClient(deps, ctx, { owner, client: present, entry, problems });
  };
  if (isOutOfDate(form, describeClient(client))) return refuse([outOfDate], describeClient(client));
  const entry = { ...readClientEntry(form), type: client.type };
  const problems = listEntryProblems(entry, deps.configuration);
  if (problems.length > 0) return refuse(problems, entry);
  const unconfirmed = await confirmSignIn(deps, ctx, { owner, question: 'clients.confirmChange' });
  if (unconfirmed !== undefined) return refuse([unconfirmed], entry);
  const read = async (transaction: Database) => describeClient(await getOwnClient(transaction, key));
  const change = (transaction: Database) => changeClient({ ...deps, db: transaction }, key, entry);
  const outcome = await changeIfAsShown(deps.db, { accountId, form, read, change });
  if (outcome === undefined) {
    const present = await getOwnClient(deps.db, key);
    return refuse([outOfDate], describeClient(present), present);
  }
  if (!outcome) throw new Denied({ reason: 'path_unknown' });
  redirectWithNotice(deps, ctx, { path: formatPath(paths.developerClient, clientId), done: outcome });
}

/** @returns see `updateManagedClient` */
export async function changeClient(
  { db, configuration }: Pick<Dependencies, 'db' | 'configuration'>,
  key: OwnedClientKey,
  entry: ClientEntry,
): ReturnType<typeof updateManagedClient> {
  return updateManagedClient(db, key, {
    name: entry.name,
    metadata: buildStoredMetadata(buildEntryMetadata(entry, configuration)),
    webOrigins: listWebOrigins(entry.redirectUris),
  });
}

interface EditView extends OwnClient {
  readonly entry: ClientEntry;
  readonly problems: readonly Problem[];
}

function renderEditClient(deps: Dependencies, ctx: Context, { owner, client, ...view }: EditView): void {
  ctx.type = 'html';
  ctx.body = renderClientFormPage({
    ...view,
    stylesheet: deps.stylesheet,
    texts: ctx.state.texts,
    signedIn: describeSignedIn(deps, ctx, owner, 'settings'),
    csrfToken: issueFormToken(deps, ctx, purposeOf(client.id)),
    action: formatPath(paths.developerClientEdit, client.id),
    back: { path: formatPath(paths.developerClient, client.id), text: 'clients.back' },
    current: describeClient(client),
    isApproved: client.isApproved,
  });
}
