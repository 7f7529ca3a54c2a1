import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { addClient, connect, introspect } from './support/client.js';
import { basic, postForm } from './support/http.js';
import { createOwner } from './support/owner.js';
import { addProxyClient, proxySecret, startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ configuration: { proxyClientId: 'edge-proxy' } });
  await addProxyClient(server.db, 'resource-proxy');
});
afterAll(() => server.close());

it('only the client that PROXY_CLIENT_ID names may introspect a token', async () => {
  const owner = await createOwner(server);
  const { access_token: token } = await connect(server, owner.browser, await addClient(server));
  expect(await introspect(server, token)).toMatchObject({ active: true });
  const answer = await postForm(`${server.issuer}/introspect`, { token }, basic('resource-proxy', proxySecret));
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toEqual({ active: false });
});
