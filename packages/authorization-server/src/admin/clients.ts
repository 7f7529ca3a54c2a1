import { type Client, findClient } from '@aipassport/store/authorization';
import { unknownObject } from '../api/refusals.js';
import { orNull } from '../api/values.js';
import type { Dependencies } from '../dependencies.js';
import type { AdminCall, Specified } from './admin-call.js';

/** `GET /api/admin/clients/:client_id` */
export async function getAdminClient(
  { db, configuration }: Dependencies,
  { value: clientId }: AdminCall,
): Promise<Specified['AdminClient']> {
  const client = clientId === configuration.proxyClientId ? undefined : await findClient(db, clientId);
  if (client === undefined) throw unknownObject();
  return describeClient(client);
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
