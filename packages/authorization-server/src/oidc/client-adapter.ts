import { type Database, hashSecret } from '@aipassport/store';
import { findClient, insertAuditEvent, touchClient, upsertClient } from '@aipassport/store/authorization';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { idTokenAlgorithmMember, profileMember, registeredByMember } from './client-members.js';
import { applyProfile } from './client-profiles.js';
import { currentDatabase } from './current-database.js';
import { readRegistration } from './engine/read-registration.js';
import { orUnavailable } from './errors.js';
import { inferApplicationType } from './infer-application-type.js';
import { listWebOrigins } from './list-web-origins.js';
import { defaultGrantTypes, type IdTokenAlgorithm } from './offered.js';

const clientCredentials = 'client_credentials';

/**
 * The member that stores those grant types of a client that the previous release does not know. A server of that
 * release refuses a client if the standard member contains one of them.
 */
const newGrantTypesMember = 'new_grant_types';

/** Splits a client's grant types into two members for the store: see `newGrantTypesMember`. */
export function splitGrantTypes<T extends { readonly grant_types?: unknown }>({
  grant_types: grantTypes,
  ...metadata
}: T) {
  const known: readonly string[] = defaultGrantTypes;
  const all = Array.isArray(grantTypes) ? grantTypes.map(String) : ['authorization_code'];
  return {
    ...metadata,
    grant_types: all.filter((one) => known.includes(one)),
    [newGrantTypesMember]: all.filter((one) => !known.includes(one)),
  };
}

/** Stores clients in their own table. Secrets are stored and compared as hashes. */
export function createClientAdapter(pool: Database, idTokenAlgorithms: readonly IdTokenAlgorithm[]): Adapter {
  return {
    async find(id) {
      const db = currentDatabase(pool);
      const client = await orUnavailable(findClient(db, id));
      if (client === undefined) return undefined;
      const { name, secretHash, registeredBy, profile } = client;
      // Any client may ask for any scope. An earlier version stored a scope. It is left out, because oidc-provider
      // would compare requests with it.
      const { scope: _scope, ...registered } = client.metadata;
      const metadata = applyProfile(profile, registered);
      // Marks the client as used before a row that refers to it is stored, because clients in use are not removed. The
      // mark is not made in a transaction, because the transaction would block other requests of the client. A request
      // in a transaction continues an earlier request, which has marked the client here.
      if (registeredBy === 'registration' && db === pool) await orUnavailable(touchClient(db, id));
      const secret = secretHash === undefined ? {} : { client_secret: secretHash };
      return {
        ...metadata,
        grant_types: listGrantTypes(metadata),
        application_type: inferApplicationType(metadata),
        id_token_signed_response_alg: chooseIdTokenAlgorithm(metadata, idTokenAlgorithms),
        client_id: id,
        client_name: name,
        ...secret,
        [registeredByMember]: registeredBy,
      };
    },
    /** Only the registration endpoint calls this, because a registered client cannot be changed over HTTP. */
    async upsert(id, payload) {
      await orUnavailable(insertRegisteredClient(pool, id, payload));
    },
    findByUid: notOffered,
    findByUserCode: notOffered,
    consume: notOffered,
    destroy: notOffered,
    revokeByGrantId: notOffered,
  };
}

/**
 * A client that can authenticate may get tokens for the grant management API. A public client may not, because any
 * program could ask for them with its `client_id`.
 */
function listGrantTypes({
  grant_types: stored,
  [newGrantTypesMember]: others,
  token_endpoint_auth_method: method,
}: Readonly<Record<string, unknown>>): readonly string[] {
  const known = Array.isArray(stored) ? stored : ['authorization_code'];
  const all = [...known, ...(Array.isArray(others) ? others : [])].map(String);
  const types = all.filter((type) => type !== clientCredentials);
  return method === 'none' || types.length === 0 ? types : [...types, clientCredentials];
}

/** Clients that registered before there was a choice expect ES256. */
function chooseIdTokenAlgorithm(
  metadata: Readonly<Record<string, unknown>>,
  offered: readonly IdTokenAlgorithm[],
): IdTokenAlgorithm {
  const chosen = metadata[idTokenAlgorithmMember];
  return offered.find((algorithm) => algorithm === chosen) ?? 'ES256';
}

async function notOffered(): Promise<undefined> {
  throw new Error('clients are only found and registered here');
}

async function insertRegisteredClient(db: Database, id: string, payload: AdapterPayload): Promise<void> {
  const { redirectUris, name, secret, idTokenAlgorithm, metadata: registered } = readRegistration(payload);
  const { [registeredByMember]: _vouching, [profileMember]: _profile, ...metadata } = registered;
  await db.transaction().execute(async (transaction) => {
    await upsertClient(transaction, {
      id,
      name: name ?? nameAfter(redirectUris),
      metadata: { ...splitGrantTypes(metadata), [idTokenAlgorithmMember]: idTokenAlgorithm },
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
