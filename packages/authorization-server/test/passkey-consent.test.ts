import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Authenticator } from './support/authenticator.js';
import { addClient, buildRequest } from './support/client.js';
import { createOwner } from './support/owner.js';
import { addPasskey, submitWithPasskey } from './support/passkeys.js';
import { findFreePort, startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  const port = await findFreePort();
  // Browsers bind a passkey to a domain name, and not to an IP address.
  server = await startTestServer({ replicas: 2, configuration: { port, issuer: `http://localhost:${port}` } });
});
afterAll(() => server.close());

// The ids at the beginning of titles are rows of docs/security.md.
it('L7: on the consent page, a passkey confirms a large grant in place of the password', async () => {
  const { browser } = await createOwner(server);
  const authenticator = new Authenticator(server.issuer);
  await addPasskey(browser, (challenge) => authenticator.create(challenge));
  const client = await addClient(server);
  const { url } = await buildRequest(server, client, { prompt: 'consent', scope: 'model:openai/* cap:chat' });
  const page = await browser.open(url);
  server.advanceClock(360);
  const action = `${page.url.pathname}/consent`;
  const asked = await browser.submit(page, action, { decision: 'allow' });
  expect(asked.status).toBe(422);
  expect(asked.text).toMatch(/<script src="\/assets\/[^"]+" nonce="[\w-]{22}" defer>/);
  expect(asked.text).toContain('data-passkey="get"');
  expect(asked.text).toMatch(/<button[^>]* value="allow" data-confirmed/);
  const allowed = await submitWithPasskey(browser, authenticator, {
    page: asked,
    action,
    fields: { decision: 'allow' },
  });
  expect(allowed.url.searchParams.has('code')).toBe(true);
});
