import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { addClient, connect, introspect, refresh, type TestClient } from './support/client.js';
import { json, send } from './support/http.js';
import { createOwner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let database: TestDatabase;
let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({ database });
  client = await addClient(server);
});
afterAll(async () => {
  await server.close();
  await database.close();
});

function kidOf(token: unknown): unknown {
  const [head = ''] = String(token).split('.');
  return (JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: unknown }).kid;
}

// The ids at the beginning of titles are rows of docs/security.md.
it('M7: a new signing key and a new cookie key take over without ending tokens or sessions', async () => {
  const owner = await createOwner(server);
  const tokens = await connect(server, owner.browser, client);
  const { configuration } = server;
  await server.close();
  const {
    x = '',
    y = '',
    d = '',
  } = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey);
  server = await startTestServer({
    database,
    configuration: {
      ...configuration,
      signingKeys: [
        { kty: 'EC', crv: 'P-256', x, y, d, kid: 'test-2', alg: 'ES256', use: 'sig' },
        ...configuration.signingKeys,
      ],
      cookieKeys: ['another-cookie-key-of-these-tests-0123456789', ...configuration.cookieKeys],
    },
  });
  const { keys } = json(await send(`${server.issuer}/jwks`)) as { keys: { kid: string }[] };
  expect(keys.map(({ kid }) => kid)).toEqual(['test-2', 'test-1']);
  expect(await introspect(server, tokens.access_token)).toMatchObject({ active: true });
  const refreshed = json(await refresh(server, client, tokens.refresh_token));
  expect([kidOf(tokens.access_token), kidOf(refreshed['access_token'])]).toEqual(['test-1', 'test-2']);
  expect(await introspect(server, String(refreshed['access_token']))).toMatchObject({ active: true });
  expect((await owner.browser.open('/account/apps')).url.pathname).toBe('/account/apps');
  expect((await connect(server, owner.browser, client, { prompt: 'consent' })).scope).toBe(tokens.scope);
});
