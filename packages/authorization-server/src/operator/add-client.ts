import { randomUUID } from 'node:crypto';
import { type Database, hashSecret, makeSecret } from '@aipassport/store';
import { insertOperatorClient, type NewOperatorClient } from '@aipassport/store/authorization';
import { listWebOrigins } from '../oidc/list-web-origins.js';
import { buildStoredMetadata } from '../oidc/stored-metadata.js';
import type { OperatorClientMetadata } from './build-client.js';

export interface AddedClient {
  readonly clientId: string;
  /** SECRET: only its hash is stored. Undefined for a client without a secret. */
  readonly secret: string | undefined;
}

/** Adds a client for the operator, with a new secret if its metadata says that it sends one. */
export async function addOperatorClient(
  db: Database,
  metadata: OperatorClientMetadata,
  terms: Omit<NewOperatorClient, 'client'>,
): Promise<AddedClient> {
  const clientId = randomUUID();
  const secret = metadata.token_endpoint_auth_method.startsWith('client_secret') ? makeSecret() : undefined;
  const client = {
    id: clientId,
    name: metadata.client_name,
    metadata: buildStoredMetadata(metadata),
    secretHash: secret === undefined ? undefined : hashSecret(secret),
    webOrigins: listWebOrigins(metadata.redirect_uris),
  };
  await insertOperatorClient(db, { ...terms, client });
  return { clientId, secret };
}
