import { type Database, hashSecret } from '@aipassport/store';
import { findClient, insertAuditEvent, touchClient, upsertClient } from '@aipassport/store/authorization';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { describeAdminClient } from './admin/admin-clients.js';
import { registeredByMember } from './client-members.js';
import { applyProfile } from './client-profiles.js';
import { currentDatabase } from './current-database.js';
import { readRegistration } from './engine/read-registration.js';
import { orUnavailable } from './errors.js';
import { inferApplicationType } from './infer-application-type.js';
import { listWebOrigins } from './list-web-origins.js';
import type { IdTokenAlgorithm } from './offered.js';
import { buildStoredMetadata, readStoredMetadata } from './stored-metadata.js';

/** Stores clients in their own table. Secrets are stored and compared as hashes. */
export function createClientAdapter(pool: Database, idTokenAlgorithms: readonly IdTokenAlgorithm[]): Adapter {
  return {
    async find(id) {
      const db = currentDatabase(pool);
      const client = await orUnavailable(findClient(db, id));
      // Every endpoint treats a blocked client as unknown.
      if (client === undefined || client.isBlocked) return undefined;
      const { name, secretHash, registeredBy, profile, adminScopes } = client;
      // Any client may ask for any scope. An earlier version stored a scope. The stored scope is left out, because
      // oidc-provider would compare requests with it.
      const { scope: _scope, ...registered } = client.metadata;
      const metadata = applyProfile(profile, registered);
      // Marks the client as used before a row that refers to it is stored, because clients in use are not removed. The
      // mark is not made in a transaction, because the transaction would block other requests of the client. A request
      // in a transaction continues an earlier request, and that request has already marked the client.
      if (registeredBy === 'registration' && !db.isTransaction) await orUnavailable(touchClient(db, id));
      const secret = secretHash === undefined ? {} : { client_secret: secretHash };
      return {
        ...metadata,
        ...readStoredMetadata(metadata, idTokenAlgorithms),
        application_type: inferApplicationType(metadata),
        client_id: id,
        client_name: name,
        ...secret,
        [registeredByMember]: registeredBy,
        ...describeAdminClient(adminScopes),
      };
    },
    /** Only the registration endpoint calls this, because a registered client cannot be changed over HTTP. */
    async upsert(id, payload) {
      await orUnavailable(insertRegisteredClient(currentDatabase(pool), id, payload));
    },
    findByUid: notOffered,
    findByUserCode: notOffered,
    consume: notOffered,
    destroy: notOffered,
    revokeByGrantId: notOffered,
  };
}

async function notOffered(): Promise<undefined> {
  throw new Error('clients are only found and registered here');
}

async function insertRegisteredClient(db: Database, id: string, payload: AdapterPayload): Promise<void> {
  const { redirectUris, name, secret, metadata } = readRegistration(payload);
  await db.transaction().execute(async (transaction) => {
    await upsertClient(transaction, {
      id,
      name: name ?? nameAfter(redirectUris),
      metadata: buildStoredMetadata(metadata),
      secretHash: secret === undefined ? undefined : hashSecret(secret),
      webOrigins: listWebOrigins(redirectUris),
      registeredBy: 'registration',
    });
    await insertAuditEvent(transaction, { event: 'client_registered', clientId: id });
  });
}

/** The name of a client that registers without one: the host or the scheme of its first redirect URI. */
function nameAfter(redirectUris: readonly string[]): string {
  const url = URL.parse(redirectUris[0] ?? '');
  return url?.host || url?.protocol.slice(0, -1) || 'An app without a name';
}
