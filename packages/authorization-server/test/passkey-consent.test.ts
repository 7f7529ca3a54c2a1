import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Authenticator } from './support/authenticator.js';
import { type Browser, readForm } from './support/browser.js';
import { addClient, buildRequest } from './support/client.js';
import { encodeForm, json } from './support/http.js';
import { createOwner } from './support/owner.js';
import { findFreePort, startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  const port = await findFreePort();
  // Browsers bind a passkey to a domain name, and not to an IP address.
  server = await startTestServer({ replicas: 2, configuration: { port, issuer: `http://localhost:${port}` } });
});
afterAll(() => server.close());

const path = '/account/passkeys';

async function fetchChallenge(browser: Browser, from: string, csrf_token = ''): Promise<string> {
  const headers = { accept: 'application/json' };
  const answer = await browser.request(from, { method: 'POST', body: encodeForm({ csrf_token }), headers });
  return String(json(answer)['challenge']);
}

it('L7: on the consent page, a passkey confirms a large grant in place of the password', async () => {
  const { browser } = await createOwner(server);
  const authenticator = new Authenticator(server.issuer);
  const passkeys = await browser.open(path);
  const { csrf_token } = readForm(passkeys.text, path);
  const created = authenticator.create(await fetchChallenge(browser, `${path}/options`, String(csrf_token)));
  await browser.submit(passkeys, path, { name: 'Laptop', passkey: created });
  const client = await addClient(server);
  const { url } = await buildRequest(server, client, { prompt: 'consent', scope: 'model:openai/* cap:chat' });
  const page = await browser.open(url);
  server.advanceClock(360);
  const action = `${page.url.pathname}/consent`;
  const asked = await browser.submit(page, action, { decision: 'allow' });
  expect(asked.status).toBe(422);
  expect(asked.text).toMatch(/<script src="\/assets\/[^"]+" defer>/);
  expect(asked.text).toContain('data-passkey="get"');
  expect(asked.text).toMatch(/<button[^>]* value="allow" data-confirmed/);
  const passkey = authenticator.get(await fetchChallenge(browser, '/account/sign-in/passkey-challenge'), {});
  const allowed = await browser.submit(asked, action, { decision: 'allow', passkey });
  expect(allowed.url.searchParams.has('code')).toBe(true);
});
