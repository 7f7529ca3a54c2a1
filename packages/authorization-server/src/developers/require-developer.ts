import type { Database } from '@aipassport/store';
import {
  findOwnedClient,
  type OwnedClient,
  type OwnedClientKey,
  type OwnerSession,
} from '@aipassport/store/authorization';
import { type OwnForm, requireOwnForm } from '../account/require-own-form.js';
import { requireOwner } from '../account/require-owner.js';
import type { Context } from '../context.js';
import { Denied } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { formatPath, paths } from '../endpoints.js';
import type { FixedId } from '../texts/texts.js';

/**
 * Requires a signed-in owner, on a server where accounts may register clients.
 * @returns undefined when the browser has been sent to sign in
 * @throws Denied
 */
export async function requireDeveloper(
  deps: Dependencies,
  ctx: Context,
  returnTo: string,
): Promise<OwnerSession | undefined> {
  requireDeveloperClients(deps);
  return requireOwner(deps, ctx, returnTo);
}

/** @throws Denied on a server where accounts may not register clients */
export function requireDeveloperClients({ configuration }: Pick<Dependencies, 'configuration'>): void {
  if (!configuration.developerClients) throw new Denied({ reason: 'path_unknown' });
}

/** A client, and the signed-in owner who registered it. */
export interface OwnClient {
  readonly owner: OwnerSession;
  readonly client: OwnedClient;
}

/**
 * @returns undefined when the browser has been sent to sign in
 * @throws Denied: see `getOwnClient`
 */
export async function requireOwnClient(
  deps: Dependencies,
  ctx: Context,
  clientId: string,
): Promise<OwnClient | undefined> {
  const owner = await requireDeveloper(deps, ctx, formatPath(paths.developerClient, clientId));
  if (owner === undefined) return undefined;
  return { owner, client: await getOwnClient(deps.db, { accountId: owner.accountId, clientId }) };
}

/** @throws Denied, with the same reason for an unknown client and for the client of another account */
export async function getOwnClient(db: Database, key: OwnedClientKey): Promise<OwnedClient> {
  const client = await findOwnedClient(db, key);
  if (client === undefined) throw new Denied({ reason: 'path_unknown' });
  return client;
}

/**
 * The first checks of a form about a client: those of `requireOwnForm`, and that this owner registered the client.
 * @param purpose what the form's token was issued for
 * @param act the name of the act that the form asks for
 * @returns undefined when the browser has been sent to sign in
 * @throws Denied
 */
export async function requireClientForm(
  deps: Dependencies,
  ctx: Context,
  { clientId, purpose, act }: { readonly clientId: string; readonly purpose: string; readonly act: FixedId },
): Promise<(OwnClient & OwnForm) | undefined> {
  requireDeveloperClients(deps);
  const returnTo = formatPath(paths.developerClient, clientId);
  const find = ({ accountId }: OwnerSession) => getOwnClient(deps.db, { accountId, clientId });
  const sent = await requireOwnForm(deps, ctx, { returnTo, purpose, act, checkOwner: find });
  return sent && { ...sent, client: await find(sent.owner) };
}
