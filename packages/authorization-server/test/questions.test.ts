import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type Page, readForm, readText } from './support/browser.js';
import { connect } from './support/client.js';
import { clientPath, registerClient } from './support/own-client.js';
import { ageSignIn, createOwner, type Owner, password } from './support/owner.js';
import { findFreePort, startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  const port = await findFreePort();
  server = await startTestServer({ configuration: { port, issuer: `http://localhost:${port}` } });
});
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createOwner(server);
});

/** Presses the button of an act on this page. The act is not done yet: the next page says what it will do, and asks. */
async function press(page: string, action: string): Promise<Page> {
  const asked = await owner.browser.submit(await owner.browser.open(page), action);
  expect([asked.status, readForm(asked.text, action)['asked']]).toEqual([200, 'yes']);
  return asked;
}

it('before an API key is deleted, a page says how many apps can use it and what they use then', async () => {
  const [page, action] = ['/account/keys', '/account/keys/openai/delete'];
  const client = await registerClient((await createOwner(server)).browser);
  await owner.browser.submit(await owner.browser.open(page), page, {
    upstream: 'openai',
    key: 'sk-proj-0123456789abcdef-abcd',
  });
  await connect(server, owner.browser, client);
  const asked = await press(page, action);
  expect(readText(asked.text)).toContain('1 connected app can use OpenAI.');
  expect(readText(asked.text)).toMatch(/After this, .*It stays valid at OpenAI until you delete it there/);
  expect(readText((await owner.browser.open(page)).text)).toContain('…abcd');
  const done = await owner.browser.submit(asked, action);
  expect(readText(done.text)).toContain('Key deleted here.');
});

it('before a passkey is removed, a page names it and says how many others stay', async () => {
  const ids = [randomUUID(), randomUUID()];
  for (const id of ids)
    await server.db
      .insertInto('passkeys')
      .values({
        id,
        account_id: owner.accountId,
        credential_id: id,
        public_key: 'none',
        sign_count: 0n,
        transports: [],
        name: 'Old telephone',
      })
      .execute();
  const action = `/account/passkeys/${ids[0]}/remove`;
  const asked = await press('/account/passkeys', action);
  expect(readText(asked.text)).toMatch(/Remove a passkey .*Old telephone .*1 other passkey stays\./);
  await ageSignIn(server, owner, 400);
  const unconfirmed = await owner.browser.submit(asked, action);
  expect([unconfirmed.status, readText(unconfirmed.text)]).toEqual([
    422,
    expect.stringMatching(/Confirm it’s you to remove the passkey.*1 other passkey stays/),
  ]);
  const done = await owner.browser.submit(unconfirmed, action, { password });
  expect(readText(done.text)).toContain('Passkey removed.');
});

it('new recovery codes are made at once if there are none; otherwise a page says how many stop working', async () => {
  const path = '/account/recovery-codes';
  const first = await owner.browser.submit(await owner.browser.open(path), path);
  expect(readText(first.text)).toContain('Recovery codes created.');
  const asked = await press(path, path);
  expect(readText(asked.text)).toContain('Your 10 codes that are left stop working at once, also on paper.');
  const done = await owner.browser.submit(asked, path);
  expect(readText(done.text)).toContain('Recovery codes created.');
});

it('before earlier secrets of an app end, a page says how many', async () => {
  const page = clientPath(await registerClient(owner.browser));
  await owner.browser.submit(await owner.browser.open(page), `${page}/secret`, { overlap: '3600' });
  const asked = await press(page, `${page}/end-secrets`);
  expect(readText(asked.text)).toContain('1 earlier secret stops working at once.');
  expect(readText((await owner.browser.open(page)).text)).toContain('An earlier secret works until');
  const done = await owner.browser.submit(asked, `${page}/end-secrets`);
  expect(readText(done.text)).toContain('Only the current secret works now.');
});

it('an app that people use is deleted only if its name is typed; the page says how many connections end, from three people on', async () => {
  const client = await registerClient(owner.browser, { name: 'Weather' });
  await connect(server, (await createOwner(server)).browser, client);
  const few = await press(clientPath(client), `${clientPath(client)}/delete`);
  expect(readText(few.text)).toContain('Fewer than 3 people have given this app access now.');
  for (const user of [await createOwner(server), await createOwner(server)])
    await connect(server, user.browser, client);
  const [page, action] = [clientPath(client), `${clientPath(client)}/delete`];
  const asked = await press(page, action);
  expect(readText(asked.text)).toContain('3 connections end at once.');
  for (const name of ['', 'weather', 'Other']) {
    const refused = await owner.browser.submit(asked, action, { name });
    expect([refused.status, readText(refused.text)]).toEqual([
      422,
      expect.stringContaining('That isn’t the name of the app.'),
    ]);
    expect(readForm(refused.text, action)['name']).toBe(name);
  }
  const done = await owner.browser.submit(asked, action, { name: ' Weather ' });
  expect(readText(done.text)).toContain('App deleted.');
});

it('an app without users is deleted without typing its name', async () => {
  const page = clientPath(await registerClient(owner.browser));
  const asked = await press(page, `${page}/delete`);
  expect(readText(asked.text)).toContain('No one has given this app access now.');
  expect(readForm(asked.text, `${page}/delete`)).not.toHaveProperty('name');
  expect(readText((await owner.browser.submit(asked, `${page}/delete`)).text)).toContain('App deleted.');
});

it('the question is in German too', async () => {
  const page = clientPath(await registerClient(owner.browser));
  const form = readForm((await owner.browser.open(page)).text, `${page}/delete`);
  const body = new URLSearchParams({ csrf_token: String(form['csrf_token']) }).toString();
  const options = { method: 'POST', body, headers: { 'accept-language': 'de' } };
  const { text } = await owner.browser.request(`${page}/delete`, options);
  expect(readText(text)).toContain('Niemand hat dieser App jetzt Zugriff gegeben.');
});
