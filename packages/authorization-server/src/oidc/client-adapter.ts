import { type Database, hashSecret } from '@aipassport/store';
import { findClient, insertAuditEvent, touchClient, upsertClient } from '@aipassport/store/authorization';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { orUnavailable } from './errors.js';
import { inferApplicationType } from './infer-application-type.js';
import { listWebOrigins } from './list-web-origins.js';

/** Who vouches for a client, among its metadata. Clients cannot set it: it is a column of ours. */
export const registeredByMember = 'registered_by';

/** Clients have a table of their own. Secrets are stored and compared as hashes. */
export function createClientAdapter(db: Database): Adapter {
  return {
    async find(id) {
      const client = await orUnavailable(findClient(db, id));
      if (client === undefined) return undefined;
      const { name, secretHash, registeredBy } = client;
      // Any client may ask for any scope. An earlier version stored one that oidc-provider would compare.
      const { scope: _scope, ...metadata } = client.metadata;
      // before anything that names the client is stored: a client in use is not removed
      if (registeredBy === 'registration') await orUnavailable(touchClient(db, id));
      const secret = secretHash === undefined ? {} : { client_secret: secretHash };
      return {
        ...metadata,
        application_type: inferApplicationType(metadata),
        client_id: id,
        client_name: name,
        ...secret,
        [registeredByMember]: registeredBy,
      };
    },
    /** Only the registration endpoint comes here: clients are not managed over HTTP. */
    async upsert(id, payload) {
      await orUnavailable(insertRegisteredClient(db, id, payload));
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
  const {
    client_secret: secret,
    client_name: name,
    [registeredByMember]: _vouching,
    ...metadata
  } = payload as RegisteredClient;
  const redirectUris = payload.redirect_uris ?? [];
  await db.transaction().execute(async (transaction) => {
    await upsertClient(transaction, {
      id,
      name: name ?? nameAfter(redirectUris),
      metadata,
      secretHash: secret === undefined ? undefined : hashSecret(secret),
      webOrigins: listWebOrigins(redirectUris),
      registeredBy: 'registration',
    });
    await insertAuditEvent(transaction, { event: 'client_registered', clientId: id });
  });
}

type RegisteredClient = AdapterPayload & { readonly [registeredByMember]?: unknown };

/** A client that gives itself no name is called after where it sends people back to. */
function nameAfter(redirectUris: readonly string[]): string {
  const url = URL.parse(redirectUris[0] ?? '');
  return url?.host || url?.protocol.slice(0, -1) || 'An app without a name';
}
