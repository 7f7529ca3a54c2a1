import { addOperatorClient } from '@aipassport/authorization-server/operating';
import {
  approveClient,
  blockClient,
  type Client,
  deleteClient,
  disapproveClient,
  findClient,
  listRedirectUris,
  listClients as listStoredClients,
  unblockClient,
} from '@aipassport/store/authorization';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';
import { buildClientMetadata, type NewClientOptions } from './new-client.js';
import { readProxyClientId } from './read-proxy-client-id.js';
import { readRecorded } from './read-recorded.js';

/**
 * `clients create`: registers a client that the operator vouches for. If the client has a secret, the secret is shown
 * once and stored as a hash.
 *
 * @throws when the authorization server would refuse to register such a client
 */
export async function createClient({ environment, print }: CommandContext, options: NewClientOptions): Promise<void> {
  const { profile, adminScope: adminScopes } = options;
  const metadata = buildClientMetadata(options, environment.REDIRECT_SCHEMES);
  const { clientId, secret } = await withDatabase(environment, (db) =>
    addOperatorClient(db, metadata, { profile, adminScopes, by: 'command' }),
  );
  print(`client_id      ${clientId}`);
  if (secret !== undefined) print(`client_secret  ${secret}\nThe secret is shown only now; only its hash is stored.`);
}

/** `clients list` */
export async function listClients(context: CommandContext): Promise<void> {
  const clients = await readRecorded(context, { what: 'clients' }, listStoredClients);
  for (const client of clients) {
    const { redirect_uris: redirectUris } = client.metadata;
    const by = client.registeredBy === 'operator' ? 'by the operator' : 'not by the operator';
    const profile = client.profile === undefined ? [] : [client.profile];
    const kind = [by, describeAuthentication(client), ...profile, ...client.adminScopes].join(', ');
    context.print(
      `${client.id}  ${client.name}  (${kind})  ${Array.isArray(redirectUris) ? redirectUris.join(' ') : ''}`,
    );
  }
}

function describeAuthentication({ secretHash, metadata }: Client): string {
  if (metadata['token_endpoint_auth_method'] === 'private_key_jwt') return 'with keys';
  return secretHash === undefined ? 'public' : 'with a secret';
}

/**
 * `clients show`: prints a client as JSON: its metadata, its profile, who registered it and when, its web origins, and
 * whether it is approved or blocked. It does not print the hash of the secret.
 */
export async function showClient(context: CommandContext, id: string): Promise<void> {
  const client = await readRecorded(context, { what: 'client', clientId: id }, async (db) => {
    const found = await findClient(db, id);
    if (found === undefined) throw new Error(`There is no client ${id}.`);
    return found;
  });
  const { name, profile, adminScopes, registeredBy, createdAt, metadata, webOrigins, isApproved, isBlocked } = client;
  const known = { client_id: id, client_name: name, profile: profile ?? 'none', registered_by: registeredBy };
  // these come after the client's own metadata, so no member of the metadata can take their place
  const standing = {
    web_origins: webOrigins,
    admin_scopes: adminScopes,
    is_approved: isApproved,
    is_blocked: isBlocked,
  };
  context.print(JSON.stringify({ ...known, created_at: createdAt, ...metadata, ...standing }, undefined, 2));
}

const standingChanges = {
  block: {
    perform: blockClient,
    done: 'Blocked. All its access has ended.',
    refused: 'unknown, or blocked already',
  },
  unblock: {
    perform: unblockClient,
    done: 'No longer blocked. The access that it had stays removed.',
    refused: 'not blocked',
  },
  disapprove: { perform: disapproveClient, done: 'No longer approved.', refused: 'not approved' },
} as const;

/** `clients block`, `unblock` and `disapprove` */
export async function changeClient(
  { environment, variables, print }: CommandContext,
  clientId: string,
  change: keyof typeof standingChanges,
): Promise<void> {
  const { perform, done, refused } = standingChanges[change];
  refuseProxy(variables, clientId);
  const isDone = await withDatabase(environment, (db) => perform(db, { clientId, by: undefined }));
  if (!isDone) throw new Error(`The client ${clientId} is ${refused}.`);
  print(done);
}

/**
 * `clients approve`: vouches for a client that registered itself. Prints what it vouches for, because the client may
 * have changed since the operator looked at it.
 */
export async function approveClientById(
  { environment, variables, print }: CommandContext,
  clientId: string,
): Promise<void> {
  refuseProxy(variables, clientId);
  const client = await withDatabase(environment, (db) =>
    db
      .transaction()
      .execute(async (transaction) =>
        (await approveClient(transaction, { clientId, by: undefined })) ? findClient(transaction, clientId) : undefined,
      ),
  );
  if (client === undefined)
    throw new Error(`The client ${clientId} is unknown, added by the operator, blocked, or approved already.`);
  print('Approved. People see that you vouch for this name and these URLs:');
  print(`client_name    ${client.name}`);
  for (const uri of listRedirectUris(client)) print(`redirect_uri   ${uri}`);
  const { client_uri: site } = client.metadata;
  if (typeof site === 'string') print(`client_uri     ${site}`);
}

function refuseProxy(variables: CommandContext['variables'], clientId: string): void {
  if (clientId === readProxyClientId(variables)) throw new Error('This is the client of the resource proxy.');
}

/** `clients delete`: the client's grants end at once. */
export async function deleteClientById({ environment, print }: CommandContext, id: string): Promise<void> {
  const isDeleted = await withDatabase(environment, (db) => deleteClient(db, id, 'command'));
  if (!isDeleted) throw new Error(`There is no client ${id}.`);
  print('Deleted. All its access has ended.');
}
