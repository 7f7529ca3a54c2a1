import { setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { pageEndpoints } from '../src/endpoints.js';
import { Browser, readText } from './support/browser.js';
import { addClient, appPathOf, connect, type TestClient } from './support/client.js';
import { createOwner, getLastGrant, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer();
  client = await addClient(server, { name: 'Recipe Helper' });
  owner = await createOwner(server);
  await connect(server, owner.browser, client, {}, { max_requests: '40' });
  await setOperator(server.db, owner.accountId, true);
});
afterAll(() => server.close());

const open = async (path: string, browser = owner.browser) => readText((await browser.open(path)).text);
const removed = 'Access removed. The app can no longer use your AI.';

it('the URL of a page cannot make the page say that something was done', async () => {
  const names = ['removed', 'removed-all', 'changed', 'confirmed', 'reset'];
  const grant = `/account/grants/${(await getLastGrant(server, owner)).id}`;
  const fixed = Object.values(pageEndpoints).filter(({ path, methods }) => !path.includes(':') && methods[0] === 'GET');
  const pages = [...fixed.map(({ path }) => path), appPathOf(client), grant];
  const visits = [
    ...pages.map((page) => [page, owner.browser] as const),
    ...['/account/sign-in', '/account/forgotten-password'].map((page) => [page, new Browser(server.issuer)] as const),
  ];
  for (const [page, browser] of visits) {
    const plain = await open(page, browser);
    for (const done of names) {
      const query = { done, identity: 'disabled', apps: '3', accesses: '2', tokens: '9' };
      expect([page, done, await open(`${page}?${new URLSearchParams(query)}`, browser)]).toEqual([page, done, plain]);
    }
  }
}, 120_000);

it('only the page that follows an act says what was done, and it says so only once', async () => {
  const page = appPathOf(client);
  const form = await owner.browser.open(page);
  await owner.browser.submit(form, `${page}/remove`, {}, { follow: false });
  expect(await open('/account/apps')).not.toContain(removed);
  expect(await open(page)).toContain(removed);
  expect(await open(page)).not.toContain(removed);
});

it('a notice in a cookie that this server did not sign is not shown', async () => {
  const page = appPathOf(client);
  await connect(server, owner.browser, client, {}, { max_requests: '40' });
  await owner.browser.submit(await owner.browser.open(page), `${page}/remove`, {}, { follow: false });
  const [key, cookie] = [...owner.browser.cookies].find(([, { name }]) => name.endsWith('notice')) ?? [];
  if (key === undefined || cookie === undefined) throw new Error('there is no notice');
  const [, signature] = cookie.value.split('.');
  const text = JSON.stringify(['/account/apps', 'removed-all', { apps: '3' }]);
  const value = `${Buffer.from(text).toString('base64url')}.${signature}`;
  owner.browser.cookies.set(key, { ...cookie, value });
  expect(await open('/account/apps')).not.toContain('Access removed');
});
