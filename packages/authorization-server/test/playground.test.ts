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

it('the playground may run its own script, and call this server and the proxy', async () => {
  const page = await new Browser(server.issuer).open(path);
  const policy = header(page, 'content-security-policy');
  expect(policy).toMatch(
    /^default-src 'none'; script-src 'nonce-[\w-]{22}'; connect-src 'self' https:\/\/proxy\.example; /,
  );
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

it('the playground says whether the owner or the operator pays, or that the answers are simulated', async () => {
  const readPage = async (browser: Browser) => readText((await browser.open(path)).text);
  const owner = await createOwner(server);
  expect(await readPage(owner.browser)).toContain(
    'The requests are real. They need an API key for OpenAI, and you pay OpenAI for them.',
  );
  const key = 'sk-proj-of-a-test-openai-0123456789-test';
  const keys = await owner.browser.open('/account/keys');
  await owner.browser.submit(keys, '/account/keys', { upstream: 'openai', key });
  expect(await readPage(owner.browser)).toContain(
    'The requests are real and use your OpenAI key ending in test. You pay OpenAI for them, at most $0.05.',
  );

  const shared = await startTestServer({ configuration: { operatorKeysFor: ['openai'] } });
  const other = await createOwner(shared);
  expect(await readPage(other.browser)).toContain(
    'The requests are real and use this server’s OpenAI key. Its operator pays for them, at most $0.05.',
  );
  expect(await readPage(new Browser(shared.issuer))).toContain('Otherwise they use this server’s key');
  await shared.close();

  const simulated = await startTestServer({ configuration: { simulatedUpstream: true } });
  const third = await createOwner(simulated);
  expect(await readPage(third.browser)).toContain('The answers are simulated.');
  await simulated.close();
});

it('if the operator does not allow the playground, there is no such page and no link to it', async () => {
  const other = await startTestServer({ configuration: { playground: false } });
  expect((await new Browser(other.issuer).open(path)).status).toBe(404);
  expect((await new Browser(other.issuer).open('/developers')).text).not.toContain(path);
  await other.close();
});
