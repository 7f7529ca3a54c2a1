import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../database/open-database.js';
import { type AdminScope, insertClientAdminScopes } from './admin-scopes.js';
import { insertAuditEvent } from './audit-events.js';
import {
  type Client,
  type ClientProfile,
  findClient,
  insertClientProfile,
  lockClient,
  type NewClient,
  upsertClient,
} from './clients.js';
import { replaceClientSecret } from './replace-client-secret.js';

/** A client that the operator adds, and vouches for. */
export interface NewOperatorClient {
  readonly client: Omit<NewClient, 'registeredBy'>;
  readonly profile: ClientProfile | undefined;
  /** Only the owner of the database may give these. Undefined: the client may not call the admin API. */
  readonly adminScopes?: readonly AdminScope[] | undefined;
  /** Who acts for the operator: see `StandingChange`. `command`: the operator's command. */
  readonly by: string;
}

/** Inserts a client with its profile, its admin scopes and its audit row. */
export async function insertOperatorClient(
  db: Database,
  { client, profile, adminScopes, by }: NewOperatorClient,
): Promise<void> {
  const { id: clientId } = client;
  await db.transaction().execute(async (transaction) => {
    await upsertClient(transaction, { ...client, registeredBy: 'operator' });
    if (profile !== undefined) await insertClientProfile(transaction, clientId, profile);
    if (adminScopes !== undefined) await insertClientAdminScopes(transaction, clientId, adminScopes);
    const detail = { by, ...(adminScopes !== undefined && { admin_scopes: adminScopes.join(' ') }) };
    await insertAuditEvent(transaction, { event: 'client_registered', clientId, detail });
  });
}

/**
 * Makes a client as the operator's installation describes it, with the audit rows of what changes. If the client has
 * another secret, this earlier secret still works for a while.
 */
export async function replaceOperatorClient(
  db: Database,
  client: Omit<NewClient, 'registeredBy' | 'secretHash'> & { readonly secretHash: string },
  { overlapSeconds }: { readonly overlapSeconds: number },
): Promise<void> {
  const { id: clientId, secretHash } = client;
  await db.transaction().execute(async (transaction) => {
    await lockClient(transaction, clientId);
    const present = await findClient(transaction, clientId);
    await replaceClientSecret(transaction, { clientId, secretHash, overlapSeconds });
    if (present !== undefined && isAsDescribed(present, client)) return;
    await upsertClient(transaction, { ...client, registeredBy: 'operator' });
    const event = present === undefined ? 'client_registered' : 'client_changed';
    await insertAuditEvent(transaction, { event, clientId, detail: { by: 'command' } });
  });
}

function isAsDescribed(present: Client, { name, metadata, webOrigins }: Omit<NewClient, 'registeredBy'>): boolean {
  return (
    present.registeredBy === 'operator' &&
    present.secretHash !== undefined &&
    present.name === name &&
    isDeepStrictEqual(present.metadata, metadata) &&
    isDeepStrictEqual(present.webOrigins, webOrigins)
  );
}
