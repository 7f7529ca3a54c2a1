import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { listen } from '../processes/listen.js';
import { serveCommands } from '../processes/serve-commands.js';

/** The grant, the account, the client and the scope of an access token. */
export interface TokenSubject {
  readonly grantId: string;
  readonly accountId: string;
  readonly clientId: string;
  readonly scope: string;
}

export interface TokenOrder {
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  readonly subjects: readonly TokenSubject[];
}

/**
 * Takes the place of the authorization server: signs tokens as it does, publishes the signing key, and answers
 * introspection. A thousand consents through the real pages would take longer than the benchmark, which does not
 * measure them.
 */
export type IssuerCommands = typeof commands;

const keyId = 'benchmark';
const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const keySet = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: keyId, alg: 'ES256', use: 'sig' }] });

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(request.url === '/jwks' ? keySet : '{"active":true}');
});
server.keepAliveTimeout = 600_000;

const commands = {
  listen: () => listen(server),
  sign: ({ issuer, audience, lifetimeSeconds, subjects }: TokenOrder) =>
    Promise.all(
      subjects.map(({ grantId, accountId, clientId, scope }, index) =>
        new SignJWT({ client_id: clientId, grant_id: grantId, scope })
          .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: keyId })
          .setIssuer(issuer)
          .setSubject(accountId)
          .setAudience(audience)
          .setIssuedAt()
          .setExpirationTime(`${lifetimeSeconds} seconds`)
          .setJti(`${Date.now()}-${index}`)
          .sign(privateKey),
      ),
    ),
};

serveCommands(commands);
