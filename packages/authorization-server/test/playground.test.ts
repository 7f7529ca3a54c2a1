import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, readText } from './support/browser.js';
import { connect } from './support/client.js';
import { header, send } from './support/http.js';
import { createOwner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

const path = '/developers/playground';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
});
afterAll(() => server.close());

it('the playground may run scripts of this server, and call this server and the proxy', async () => {
  const page = await new Browser(server.issuer).open(path);
  const policy = header(page, 'content-security-policy');
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; connect-src 'self' https:\/\/proxy\.example; /);
  expect(page.text.match(/<script/g)).toHaveLength(1);
  expect(page.text).toMatch(/<script src="\/assets\/[0-9a-f]+\.js"/);
  expect(readText(page.text)).toContain('The playground needs JavaScript.');
  const other = await new Browser(server.issuer).open('/developers');
  expect(header(other, 'content-security-policy')).not.toMatch(/script-src|connect-src/);
});

it('the client of the playground exists after the first visit at either server, and connects like any other client', async () => {
  const { host } = new URL(server.issuer);
  const answers = await Promise.all(server.urls.map((url) => send(`${url}${path}`, { headers: { host } })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const client = { id: 'aipassport-playground', secret: undefined, redirectUri: `${server.issuer}${path}` };
  const { browser } = await createOwner(server);
  const tokens = await connect(server, browser, client, {
    scope: 'model:gpt-4o-mini cap:chat',
    prompt: 'consent',
  }).catch((error: unknown) => String(error));
  expect(tokens).toHaveProperty('access_token');
});

it('if the operator does not allow the playground, there is no such page and no link to it', async () => {
  const other = await startTestServer({ configuration: { playground: false } });
  expect((await new Browser(other.issuer).open(path)).status).toBe(404);
  expect((await new Browser(other.issuer).open('/developers')).text).not.toContain(path);
  await other.close();
});
