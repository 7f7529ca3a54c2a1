import { type Client, deleteClient, findClient } from '@aipassport/store/authorization';
import { conflict, unknownObject } from '../api/refusals.js';
import { orNull } from '../api/values.js';
import type { Dependencies } from '../dependencies.js';
import type { AdminCall, Specified } from './admin-call.js';
import { makeChange } from './make-change.js';

/** `GET /api/admin/clients/:client_id` */
export async function getAdminClient(
  deps: Dependencies,
  { value: clientId }: AdminCall,
): Promise<Specified['AdminClient']> {
  return describeClient(await requireClient(deps, clientId));
}

/** Finds any client but the proxy's. @throws Denied */
export async function requireClient({ db, configuration }: Dependencies, clientId: string): Promise<Client> {
  const client = clientId === configuration.proxyClientId ? undefined : await findClient(db, clientId);
  if (client === undefined) throw unknownObject();
  return client;
}

const approve = makeChange('approve_client');

/** `POST /api/admin/clients/:client_id/approve` */
export async function approveAdminClient(deps: Dependencies, call: AdminCall): Promise<object | undefined> {
  const { registeredBy, isBlocked } = await requireClient(deps, call.value);
  if (registeredBy === 'operator') throw conflict('The operator added this client, and so vouches for it already.');
  if (isBlocked) throw conflict('The client is blocked.');
  return approve(deps, call);
}

/** `DELETE /api/admin/clients/:client_id`: deletes the client, and ends all access that it has. */
export async function removeClient(deps: Dependencies, { caller, value: clientId }: AdminCall): Promise<undefined> {
  await requireClient(deps, clientId);
  if (!(await deleteClient(deps.db, clientId, caller.by))) throw unknownObject();
}

function describeClient(client: Client): Specified['AdminClient'] {
  const { metadata } = client;
  return {
    client_id: client.id,
    name: client.name,
    redirect_uris: listTexts(metadata['redirect_uris']),
    post_logout_redirect_uris: listTexts(metadata['post_logout_redirect_uris']),
    token_endpoint_auth_method: textOrNull(metadata['token_endpoint_auth_method']),
    client_uri: textOrNull(metadata['client_uri']),
    policy_uri: textOrNull(metadata['policy_uri']),
    tos_uri: textOrNull(metadata['tos_uri']),
    logo_uri: textOrNull(metadata['logo_uri']),
    profile: orNull(client.profile),
    admin_scopes: [...client.adminScopes],
    has_secret: client.secretHash !== undefined,
    registered_by: client.registeredBy,
    created_at: client.createdAt.toISOString(),
    is_approved: client.isApproved,
    is_blocked: client.isBlocked,
  };
}

/** A client that registered itself may have any JSON in its metadata. */
function listTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
