import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findAppLink } from '../src/account/find-app-link.js';
import { readText } from './support/browser.js';
import { addClient, connect } from './support/client.js';
import { header } from './support/http.js';
import { createOwner, getLastGrant, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer();
  owner = await createOwner(server);
});
afterAll(() => server.close());

/** Raises a limit on the page to which the link in a 402 answer leads, and reads the page shown after that. */
async function raiseLimit(
  redirectUris: readonly string[],
  { metadata = {}, language = 'en' }: { readonly metadata?: Record<string, unknown>; readonly language?: string } = {},
) {
  const client = await addClient(server, { redirectUris, metadata });
  await connect(server, owner.browser, client, {}, { max_cost_usd: '2.00' });
  const path = `/account/grants/${(await getLastGrant(server, owner)).id}/limits`;
  const page = await owner.browser.open(`${path}?limit=max_cost_usd`);
  const done = await owner.browser.submit(page, path, { max_cost_usd: '3' }, { follow: false });
  const { text } = await owner.browser.request(header(done, 'location'), { headers: { 'accept-language': language } });
  const links = [...text.matchAll(/<a href="([^"]*)"[^>]*>(?:Go back to|Zurück zu)/g)].map(([, href]) => href);
  return { text: readText(text), links };
}

it('the link back to an app without a registered website leads to the origin of its redirect URIs', async () => {
  const local = ['http://127.0.0.1/cb', 'https://localhost:8443/cb'];
  const uris = ['https://recipes.example:8443/a/cb?x=1', 'https://recipes.example:8443/other', ...local];
  const { text, links } = await raiseLimit(uris);
  expect(links).toEqual(['https://recipes.example:8443/']);
  expect(text).toContain('Go back to Test App at recipes.example:8443');
  expect(text).not.toContain('You can now go back');
});

it('the link back to an app with a registered website leads to that website', async () => {
  const metadata = { client_uri: 'https://www.recipes.example/start' };
  const { links } = await raiseLimit(['https://api.recipes.example/cb'], { metadata });
  expect(links).toEqual(['https://www.recipes.example/start']);
});

it.each<[string, readonly string[], Record<string, string>]>([
  ['is a program on a device', ['com.example.app:/cb', 'http://127.0.0.1/cb'], { application_type: 'native' }],
  ['is on this computer with https', ['https://localhost:8443/cb'], {}],
  ['uses http', ['http://recipes.example/cb'], {}],
  ['has a website without https', ['http://127.0.0.1/cb'], { client_uri: 'http://recipes.example/' }],
  ['has redirect URIs with several origins', ['https://recipes.example/cb', 'https://staging.example/cb'], {}],
  ['has credentials in its redirect URI', ['https://bank.example@recipes.example/cb'], {}],
])('there is a sentence instead of a link when the app %s', async (_, redirectUris, metadata) => {
  const { text, links } = await raiseLimit(redirectUris, { metadata });
  expect(links).toEqual([]);
  expect(text).toContain('Saved. Applies from the next request. You can now go back to Test App');
});

it('the link back and the sentence are in German too', async () => {
  const web = await raiseLimit(['https://recipes.example/cb'], { language: 'de' });
  expect(web.text).toContain('Zurück zu Test App auf recipes.example');
  const device = await raiseLimit(['http://127.0.0.1/cb'], { language: 'de' });
  expect(device.text).toContain('Sie können jetzt zu Test App (auf Ihrem Computer, geprüft) zurückkehren');
});

it('there is no link back to an app whose redirect URI is a page of this server', () => {
  const metadata = { redirect_uris: ['https://ai.example/developers/playground'] };
  expect(findAppLink({ metadata }, 'https://ai.example')).toBeUndefined();
  expect(findAppLink({ metadata }, 'https://other.example')?.url).toBe('https://ai.example/');
});

it('the link back, or the sentence, is shown only after a change of the limits', async () => {
  await raiseLimit(['https://recipes.example/cb']);
  const path = `/account/grants/${(await getLastGrant(server, owner)).id}`;
  for (const query of ['', '?done=limits']) {
    const { text } = await owner.browser.open(path + query);
    expect(readText(text)).not.toMatch(/go back to/i);
  }
});
