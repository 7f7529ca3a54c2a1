import { type AdminScope, insertClientAdminScopes } from '@aipassport/store/authorization';
import * as openid from 'openid-client';
import { addKeyedClient, type KeyedClient } from './assertion.js';
import { makeProofKey } from './proof.js';
import type { TestServer } from './start-server.js';

/** Makes a client that may call the admin API, as the operator's command does. */
export async function addAdminClient(
  server: TestServer,
  scopes: readonly AdminScope[],
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<KeyedClient> {
  const keyed = await addKeyedClient(server, await makeProofKey(), {
    redirect_uris: [],
    response_types: [],
    grant_types: [],
    ...metadata,
  });
  await insertClientAdminScopes(server.db, keyed.client.id, scopes);
  return keyed;
}

export async function openClient(server: TestServer, { client, key }: KeyedClient): Promise<openid.Configuration> {
  const authentication = openid.PrivateKeyJwt(key.privateKey);
  const execute = [openid.allowInsecureRequests];
  return openid.discovery(new URL(server.issuer), client.id, undefined, authentication, { execute });
}

/** Gets a token for the admin API with openid-client. */
export async function obtainAdminToken(
  server: TestServer,
  keyed: KeyedClient,
  scopes: readonly AdminScope[],
): Promise<openid.TokenEndpointResponse> {
  const parameters = { resource: `${server.issuer}/api/admin`, scope: scopes.join(' ') };
  return openid.clientCredentialsGrant(await openClient(server, keyed), parameters);
}
