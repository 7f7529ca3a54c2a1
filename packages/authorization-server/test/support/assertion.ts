import { randomUUID } from 'node:crypto';
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { addClient, type TestClient } from './client.js';
import type { ProofChanges, ProofKey } from './proof.js';
import type { TestServer } from './start-server.js';

export interface KeyedClient {
  readonly client: TestClient;
  /** Signs its assertions. */
  readonly key: ProofKey;
}

/** Makes a client that authenticates with `private_key_jwt`. */
export async function addKeyedClient(
  server: TestServer,
  key: ProofKey,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<KeyedClient> {
  const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.publicJwk] } };
  // The client is not public, but like a public one it has no secret, so `addClient` must make none. `keys` sets its
  // real authentication method.
  const client = await addClient(server, { isPublic: true, metadata: { ...keys, ...metadata } });
  return { client, key };
}

/** The parameters with which the client authenticates once (RFC 7523 section 2.2). */
export async function assertClient(
  server: TestServer,
  { client, key }: KeyedClient,
  { claims = {}, header = {} }: ProofChanges = {},
): Promise<{ readonly client_assertion: string; readonly client_assertion_type: string }> {
  const now = Math.floor(Date.now() / 1_000);
  const names = { iss: client.id, sub: client.id, aud: server.issuer, jti: randomUUID() };
  const payload = { ...names, iat: now, exp: now + 60, ...claims };
  const assertion = await new SignJWT(payload as JWTPayload)
    .setProtectedHeader({ alg: key.algorithm, ...header } as JWTHeaderParameters)
    .sign(key.privateKey);
  return {
    client_assertion: assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  };
}
