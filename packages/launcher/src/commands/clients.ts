import { randomUUID } from 'node:crypto';
import { hashSecret } from '@aipassport/store';
import { deleteClient, listClients as listStoredClients, upsertClient } from '@aipassport/store/authorization';
import { withDatabase } from '../database/with-database.js';
import { makeSecret } from '../keys/make-key-files.js';
import type { CommandContext } from './context.js';

/** `web` keeps a secret on a server; `native` and `spa` run where their owner can read everything, so they have none. */
export const clientTypes = ['web', 'native', 'spa'] as const;
export type ClientType = (typeof clientTypes)[number];

export interface NewClientOptions {
  readonly name: string;
  readonly redirectUri: readonly string[];
  readonly type: ClientType;
}

/** `clients create`: the operator vouches for this client. Its secret is shown once and stored as a hash. */
export async function createClient({ environment, print }: CommandContext, options: NewClientOptions): Promise<void> {
  const id = randomUUID();
  const secret = options.type === 'web' ? makeSecret() : undefined;
  await withDatabase(environment, (db) =>
    upsertClient(db, {
      id,
      name: options.name,
      metadata: {
        client_name: options.name,
        redirect_uris: options.redirectUri,
        application_type: options.type === 'native' ? 'native' : 'web',
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: secret === undefined ? 'none' : 'client_secret_basic',
      },
      secretHash: secret === undefined ? undefined : hashSecret(secret),
      webOrigins: [...new Set(options.redirectUri.map((uri) => new URL(uri).origin))],
      registeredBy: 'operator',
    }),
  );
  print(`client_id      ${id}`);
  if (secret !== undefined) print(`client_secret  ${secret}\nThe secret is shown this once; it is not stored.`);
}

/** `clients list` */
export async function listClients({ environment, print }: CommandContext): Promise<void> {
  const clients = await withDatabase(environment, listStoredClients);
  for (const client of clients) {
    const { redirect_uris: redirectUris } = client.metadata;
    const kind = `${client.registeredBy === 'operator' ? 'by the operator' : 'by itself'}, ${client.secretHash === undefined ? 'public' : 'with a secret'}`;
    print(`${client.id}  ${client.name}  (${kind})  ${Array.isArray(redirectUris) ? redirectUris.join(' ') : ''}`);
  }
}

/** `clients delete`: its grants end with it, at once. */
export async function deleteClientById({ environment, print }: CommandContext, id: string): Promise<void> {
  const isDeleted = await withDatabase(environment, (db) => deleteClient(db, id));
  if (!isDeleted) throw new Error(`There is no client ${id}.`);
  print('Deleted. Whatever it was granted is revoked.');
}
