import { randomUUID } from 'node:crypto';
import {
  deviceGrantType,
  exchangeGrantType,
  idTokenAlgorithmMember,
  listWebOrigins,
  requireAcceptableClient,
  splitGrantTypes,
} from '@aipassport/authorization-server/operating';
import { hashSecret } from '@aipassport/store';
import {
  deleteClient,
  insertAuditEvent,
  listClients as listStoredClients,
  upsertClient,
} from '@aipassport/store/authorization';
import { withDatabase } from '../database/with-database.js';
import { makeSecret } from '../keys/make-keys.js';
import type { CommandContext } from './context.js';

/**
 * A `web` client keeps its secret on a server. `native` and `spa` clients run where their users can read everything, so
 * they have no secret. A `terminal` client asks with a code that its user types at another device (RFC 8628); it may have
 * redirect URIs too.
 */
export const clientTypes = ['web', 'native', 'spa', 'terminal'] as const;
export type ClientType = (typeof clientTypes)[number];

/**
 * The algorithm that signs a client's ID tokens. Many OpenID Connect libraries accept only RS256 unless configured
 * otherwise.
 */
export const idTokenAlgorithms = ['RS256', 'ES256'] as const;

export interface NewClientOptions {
  readonly name: string;
  /** Undefined for a client that uses terminals only. */
  readonly redirectUri?: readonly string[];
  readonly type: ClientType;
  readonly idTokenAlg: (typeof idTokenAlgorithms)[number];
  /** Whether it may exchange its tokens for tokens with less (RFC 8693). */
  readonly delegates?: boolean;
}

/**
 * `clients create`: registers a client that the operator vouches for. Its secret is shown once and stored as a hash.
 *
 * @throws when the authorization server would refuse to register such a client
 */
export async function createClient({ environment, print }: CommandContext, options: NewClientOptions): Promise<void> {
  const id = randomUUID();
  const { name, type, redirectUri = [] } = options;
  const hasRedirects = redirectUri.length > 0;
  if (!hasRedirects && type !== 'terminal') throw new Error('Name at least one --redirect-uri.');
  const secret = type === 'web' ? makeSecret() : undefined;
  const metadata = {
    client_name: name,
    redirect_uris: [...redirectUri],
    application_type: type === 'native' || type === 'terminal' ? 'native' : 'web',
    response_types: hasRedirects ? ['code' as const] : [],
    grant_types: [
      ...(hasRedirects ? ['authorization_code'] : []),
      'refresh_token',
      ...(type === 'terminal' ? [deviceGrantType] : []),
      ...(options.delegates === true ? [exchangeGrantType] : []),
    ],
    token_endpoint_auth_method: secret === undefined ? 'none' : 'client_secret_basic',
  } satisfies Parameters<typeof requireAcceptableClient>[0];
  requireAcceptable(metadata, environment.REDIRECT_SCHEMES);
  await withDatabase(environment, async (db) => {
    await upsertClient(db, {
      id,
      name,
      metadata: { ...splitGrantTypes(metadata), [idTokenAlgorithmMember]: options.idTokenAlg },
      secretHash: secret === undefined ? undefined : hashSecret(secret),
      webOrigins: listWebOrigins(redirectUri),
      registeredBy: 'operator',
    });
    await insertAuditEvent(db, { event: 'client_registered', clientId: id });
  });
  print(`client_id      ${id}`);
  if (secret !== undefined) print(`client_secret  ${secret}\nThe secret is shown this once; only its hash is stored.`);
}

/**
 * Refuses metadata as the authorization server would. The reason is in the error's `error_description` (RFC 6749
 * section 5.2), so that becomes the message.
 */
function requireAcceptable(...parameters: Parameters<typeof requireAcceptableClient>): void {
  try {
    requireAcceptableClient(...parameters);
  } catch (error) {
    const isForClients = error instanceof Error && 'error_description' in error;
    throw isForClients ? new Error(String(error.error_description), { cause: error }) : error;
  }
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

/** `clients delete`: the client's grants end at once. */
export async function deleteClientById({ environment, print }: CommandContext, id: string): Promise<void> {
  const isDeleted = await withDatabase(environment, (db) => deleteClient(db, id));
  if (!isDeleted) throw new Error(`There is no client ${id}.`);
  print('Deleted. All its grants are revoked.');
}
