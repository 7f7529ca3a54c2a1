import type { Database } from '../database/open-database.js';
import { type AdminScope, insertClientAdminScopes } from './admin-scopes.js';
import { insertAuditEvent } from './audit-events.js';
import { type ClientProfile, insertClientProfile, type NewClient, upsertClient } from './clients.js';

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
