import { sql } from 'kysely';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { retryDeadlocks } from '../database/retry-deadlocks.js';
import { type AdminScope, adminScopes } from './admin-scopes.js';
import { deleteArtifactsOf, deleteOwnTokensOf } from './artifacts.js';
import { insertAuditEvent } from './audit-events.js';
import { type ClientIdentity, isApproved, isVouchedFor } from './client-identity.js';
import { revokeGrantsOfClient } from './revoke-grant.js';

/** What the operator requires of a client besides its metadata. `fapi_2_0`: the FAPI 2.0 Security Profile. */
export type ClientProfile = 'fapi_2_0';

export interface Client {
  readonly id: string;
  readonly name: string;
  /** Client metadata (RFC 7591 section 2), without the secret. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** `hashSecret` of the secret; undefined for a public client. */
  readonly secretHash: string | undefined;
  /**
   * The origins of the client's redirect URIs. The client's browser code may call the server from these origins (CORS).
   */
  readonly webOrigins: readonly string[];
  /**
   * `operator`: the operator added the client and vouches for it. `registration`: the client registered itself, or an
   * account registered it.
   */
  readonly registeredBy: 'operator' | 'registration';
  readonly createdAt: Date;
  /** Undefined: the operator requires no profile of this client. */
  readonly profile: ClientProfile | undefined;
  /** What the operator lets the client do through the admin API; empty for other clients. */
  readonly adminScopes: readonly AdminScope[];
  /** Whether the operator vouches for a client although the operator did not add it. */
  readonly isApproved: boolean;
  /** A blocked client has no grants and gets none. */
  readonly isBlocked: boolean;
}

/** SQL: whether the operator approved the client of the row of `clients`. */
export const isClientApproved = isApproved('clients');

/** The redirect URIs that the client registered. */
export function listRedirectUris({ metadata }: Pick<Client, 'metadata'>): readonly string[] {
  const { redirect_uris: redirectUris } = metadata;
  return Array.isArray(redirectUris) ? redirectUris.filter((uri) => typeof uri === 'string') : [];
}

/** Who the client is, as people are shown it. */
export function identifyClient(
  client: Pick<Client, 'name' | 'metadata' | 'registeredBy' | 'isApproved'>,
): ClientIdentity {
  return { clientName: client.name, redirectUris: listRedirectUris(client), isVouchedFor: isVouchedFor(client) };
}

export type NewClient = Omit<Client, 'createdAt' | 'profile' | 'adminScopes' | 'isApproved' | 'isBlocked'>;

/** Inserts the client, or replaces the data of the client with this id. */
export async function upsertClient(db: Database, client: NewClient): Promise<void> {
  const values = {
    name: client.name,
    metadata: JSON.stringify(client.metadata),
    secret_hash: client.secretHash ?? null,
    web_origins: [...client.webOrigins],
    registered_by: client.registeredBy,
  };
  await db
    .insertInto('clients')
    .values({ id: client.id, ...values })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute();
}

/** Gives a client a profile, permanently. Must be called in the transaction in which the client is inserted. */
export async function insertClientProfile(
  transaction: Database,
  clientId: string,
  profile: ClientProfile,
): Promise<void> {
  await transaction.insertInto('client_profiles').values({ client_id: clientId, profile }).execute();
}

function selectClients(db: Database) {
  return db
    .selectFrom('clients')
    .leftJoin('client_profiles', 'client_profiles.client_id', 'clients.id')
    .leftJoin('client_admin_scopes', 'client_admin_scopes.client_id', 'clients.id')
    .select(['id', 'name', 'metadata', 'secret_hash', 'web_origins', 'registered_by', 'created_at', 'profile'])
    .select('client_admin_scopes.scopes as admin_scopes')
    .select([
      isClientApproved.as('is_approved'),
      sql<boolean>`exists (select from client_blocks b where b.client_id = clients.id)`.as('is_blocked'),
    ]);
}

export async function findClient(db: Database, id: string): Promise<Client | undefined> {
  const row = await selectClients(db).where('id', '=', id).executeTakeFirst();
  return row && toClient(row);
}

/** Locks a client, so that changes of its values and approvals are made one after the other. */
export async function lockClient(transaction: Database, id: string): Promise<void> {
  await sql`select from clients where id = ${id} for no key update`.execute(transaction);
}

/**
 * Records the use of a client that the operator did not add, at most once a day. Such clients are removed when they are
 * no longer used.
 */
export async function touchClient(db: Database, id: string): Promise<void> {
  await sql`
    insert into client_uses as u (client_id)
    select id from clients where id = ${id} and registered_by = 'registration'
    on conflict (client_id) do update set last_used_at = now() where u.last_used_at < now() - interval '1 day'`.execute(
    db,
  );
}

export async function listClients(db: Database): Promise<readonly Client[]> {
  const rows = await selectClients(db).orderBy('created_at').execute();
  return rows.map(toClient);
}

/**
 * Deletes a client, for the operator. The client's grants are revoked with all their tokens, and then deleted. The
 * audit rows stay.
 * @param by who acts for the operator: see `StandingChange`
 * @returns false when there is no such client
 */
export async function deleteClient(db: Database, clientId: string, by?: string): Promise<boolean> {
  const ended = await retryDeadlocks(() =>
    inTransaction(db, (transaction) => deleteWithGrants(transaction, clientId, by)),
  );
  await deleteArtifactsOf(db, ended ?? []);
  return ended !== undefined;
}

/** @returns the grants that ended; undefined when there is no such client */
async function deleteWithGrants(
  transaction: Database,
  clientId: string,
  by: string | undefined,
): Promise<readonly string[] | undefined> {
  // Waits for transactions that are storing a grant or a token of this client, so that these are seen below.
  const found = await sql`select from clients where id = ${clientId} for update`.execute(transaction);
  if (found.rows.length === 0) return undefined;
  const revocation = { clientId, reason: 'client_deleted', revokedBy: 'operator' } as const;
  const ended = await revokeGrantsOfClient(transaction, revocation);
  await transaction.deleteFrom('grants').where('client_id', '=', clientId).execute();
  await deleteOwnTokensOf(transaction, clientId); // a client may be registered again with the same id
  await transaction.deleteFrom('clients').where('id', '=', clientId).execute();
  await insertAuditEvent(transaction, { event: 'client_deleted', clientId, detail: by === undefined ? {} : { by } });
  return ended;
}

interface ClientRow {
  readonly id: string;
  readonly name: string;
  readonly metadata: Record<string, unknown>;
  readonly secret_hash: string | null;
  readonly web_origins: string[];
  readonly registered_by: 'operator' | 'registration';
  readonly created_at: Date;
  readonly profile: ClientProfile | null;
  readonly admin_scopes: string[] | null;
  readonly is_approved: boolean;
  readonly is_blocked: boolean;
}

function toClient(row: ClientRow): Client {
  return {
    id: row.id,
    name: row.name,
    metadata: row.metadata,
    secretHash: row.secret_hash ?? undefined,
    webOrigins: row.web_origins,
    registeredBy: row.registered_by,
    createdAt: row.created_at,
    profile: row.profile ?? undefined,
    // a scope that this release does not know allows nothing
    adminScopes: adminScopes.filter((scope) => row.admin_scopes?.includes(scope)),
    isApproved: row.is_approved,
    isBlocked: row.is_blocked,
  };
}
