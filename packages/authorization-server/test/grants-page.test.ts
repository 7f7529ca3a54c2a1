import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readForm, readText } from './support/browser.js';
import { addClient, connect, type TestClient, usualScope } from './support/client.js';
import { encodeForm, header } from './support/http.js';
import { createOwner, getLastGrant, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer();
  client = await addClient(server, { name: 'Recipe Helper' });
  owner = await createOwner(server);
});
afterAll(() => server.close());

it('C7: the owner sees each grant with its usage, and a revocation takes effect at once', async () => {
  const somebody = await createOwner(server);
  const tokens = await connect(server, somebody.browser, client, {}, { max_requests: '40' });
  await server.db
    .updateTable('grants')
    .set({ used_requests: 13n })
    .where('account_id', '=', somebody.accountId)
    .execute();
  const page = await somebody.browser.open('/account/grants');
  expect(readText(page.text)).toContain('13 of 40 used');
  const { id } = await getLastGrant(server, somebody);
  const done = await somebody.browser.submit(page, `/account/grants/${id}/revoke`);
  expect(readText(done.text)).toContain('The app can no longer use your AI');
  expect(readText(done.text)).toContain('You removed access on');
  expect((await getLastGrant(server, somebody)).status).toBe('revoked');
  expect(tokens.scope).toBe(usualScope);
});

it('C1: each grant shows the app’s host, beside the name that the app chose itself', async () => {
  const somebody = await createOwner(server);
  const redirectUris = [
    'https://recipes.example/callback',
    'https://recipes.example/other',
    'https://cdn.evil.example/cb',
  ];
  await connect(server, somebody.browser, await addClient(server, { name: 'Recipe Helper', redirectUris }));
  const native = ['com.example.notes:/callback', 'http://127.0.0.1/callback'];
  const phone = { name: 'Notes', redirectUris: native, isPublic: true, metadata: { application_type: 'native' } };
  await connect(server, somebody.browser, await addClient(server, phone));
  const page = await somebody.browser.open('/account/grants');
  const text = readText(page.text);
  expect(text).toMatch(/Recipe Helper\s+at recipes\.example; at cdn\.evil\.example\s/);
  expect(text).toMatch(/Notes\s+on your device, as com\.example\.notes:; on your device, at 127\.0\.0\.1\s/);
  const { id } = await getLastGrant(server, somebody);
  expect(readText((await somebody.browser.open(`/account/grants/${id}`)).text)).toContain('as com.example.notes:');
  // The same is shown after the grant has ended.
  await somebody.browser.submit(page, `/account/grants/${id}/revoke`);
  expect(readText((await somebody.browser.open('/account/grants')).text)).toContain('as com.example.notes:');
});

it('another owner’s grant gets the same answer as an unknown one, and is not revoked', async () => {
  await connect(server, owner.browser, client);
  const grant = await getLastGrant(server, owner);
  const stranger = await createOwner(server);
  await connect(server, stranger.browser, client);
  const page = await stranger.browser.open('/account/grants');
  const own = await getLastGrant(server, stranger);
  const fields = encodeForm(readForm(page.text, `/account/grants/${own.id}/revoke`));
  const post = (id: string) =>
    stranger.browser.request(`/account/grants/${id}/revoke`, { method: 'POST', body: fields });
  const [theirs, none] = [await post(grant.id), await post('never-was')];
  expect([theirs.status, none.status]).toEqual([404, 404]);
  expect(readText(theirs.text)).toContain('You may be signed in to another account');
  expect(theirs.text).toBe(none.text);
  expect((await getLastGrant(server, owner)).status).toBe('active');
});

it('a double click on Revoke gets the same answer twice', async () => {
  const somebody = await createOwner(server);
  await connect(server, somebody.browser, client);
  const { id } = await getLastGrant(server, somebody);
  const page = await somebody.browser.open('/account/grants');
  for (let press = 0; press < 2; press += 1) {
    const done = await somebody.browser.submit(page, `/account/grants/${id}/revoke`, {}, { follow: false });
    expect([done.status, header(done, 'location')]).toEqual([303, '/account/grants?done=revoked']);
  }
});
