import { approveClient, blockClient } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, readForm, readText } from './support/browser.js';
import {
  buildRequest,
  callEndpoint,
  connect,
  introspect,
  redirectUri,
  refresh,
  type TestClient,
} from './support/client.js';
import { countEvents, listEvents } from './support/events.js';
import { encodeForm, type FormFields, json } from './support/http.js';
import { meetAtClient } from './support/meet-at-client.js';
import { clientPath, newClientPath, readSecret, registerClient, submitNewClient } from './support/own-client.js';
import { createOwner, getLastGrant, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let server: TestServer;
let developer: Owner;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  developer = await createOwner(server);
});
afterAll(() => server.close());

/**
 * The status that each replica answers to a token request with this secret and a wrong code: 400 for a right secret,
 * 401 for a wrong one.
 */
async function trySecret(client: TestClient, secret: string | undefined): Promise<readonly number[]> {
  const form = {
    grant_type: 'authorization_code',
    code: 'wrong',
    redirect_uri: client.redirectUri,
    code_verifier: 'x'.repeat(43),
  };
  const statuses: number[] = [];
  for (const url of server.urls)
    statuses.push((await callEndpoint(`${url}/token`, { ...client, secret }, form, server.issuer)).status);
  return statuses;
}

async function rotate({ browser }: Owner, client: TestClient, overlap: string) {
  const page = await browser.open(clientPath(client));
  return browser.submit(page, `${clientPath(client)}/secret`, { overlap });
}

it('a registered website gets a secret that is shown once, and connects as an app that is not verified', async () => {
  const page = await submitNewClient(developer.browser);
  const secret = readSecret(page) ?? '';
  const id = page.url.pathname.split('/').at(-1) ?? '';
  const client = { id, secret, redirectUri: 'https://app.example/callback' };
  expect(page.url.href).not.toContain(secret);
  expect((await developer.browser.open(clientPath(client))).text).not.toContain(secret);
  expect(developer.browser.cookieHeader(page.url)).not.toContain(secret);

  const user = await createOwner(server);
  const consent = await user.browser.open((await buildRequest(server, client)).url);
  expect(readText(consent.text)).toMatch(/Not verified by this server/);
  const tokens = await connect(server, user.browser, client);
  expect((await refresh(server, client, tokens.refresh_token)).status).toBe(200);
  expect(server.logLines.join('\n')).not.toContain(secret);
  const rows = await server.db.selectFrom('audit_events').selectAll().where('client_id', '=', id).execute();
  expect(rows.map(({ event }) => event)).toContain('client_registered');
  expect(JSON.stringify(rows, (_key, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
    secret,
  );
});

it('after a rotation both secrets work at both servers, until the developer ends the earlier one', async () => {
  const client = await registerClient(developer.browser);
  const page = await rotate(developer, client, '3600');
  const next = readSecret(page);
  expect([await trySecret(client, client.secret), await trySecret(client, next)]).toEqual([
    [400, 400],
    [400, 400],
  ]);
  expect(await trySecret(client, 'a-wrong-one')).toEqual([401, 401]);
  expect(readText(page.text)).toMatch(/An earlier secret works until \d/);
  const ended = await developer.browser.submit(page, `${clientPath(client)}/end-secrets`, { asked: 'yes' });
  expect(readText(ended.text)).toContain('Only the current secret works now.');
  expect([await trySecret(client, client.secret), await trySecret(client, next)]).toEqual([
    [401, 401],
    [400, 400],
  ]);
  const events = await listEvents(server, { clientId: client.id });
  const kinds = ['client_registered', 'client_secret_replaced', 'client_secrets_ended'];
  expect(kinds.map((kind) => countEvents(events, kind))).toEqual([1, 1, 1]);
});

it('an earlier secret ends at its time, or at once if no overlap is chosen', async () => {
  const client = await registerClient(developer.browser);
  const second = readSecret(await rotate(developer, client, '86400'));
  await server.db.deleteFrom('attempts').execute();
  await server.db
    .updateTable('previous_client_secrets')
    .set({ expires_at: new Date(Date.now() - 1_000) })
    .where('client_id', '=', client.id)
    .execute();
  expect(await trySecret(client, client.secret)).toEqual([401, 401]);
  const third = readSecret(await rotate(developer, client, '0'));
  expect([await trySecret(client, second), await trySecret(client, third)]).toEqual([
    [401, 401],
    [400, 400],
  ]);
});

it('a page that is older than the present secret cannot end that secret at once', async () => {
  const client = await registerClient(developer.browser);
  const old = await developer.browser.open(clientPath(client));
  const second = readSecret(await rotate(developer, client, '3600'));
  const refused = await developer.browser.submit(old, `${clientPath(client)}/secret`, { overlap: '0' });
  expect(refused.status).toBe(422);
  expect(readText(refused.text)).toContain('This was changed in the meantime');
  expect(await trySecret(client, second)).toEqual([400, 400]);
  const third = readSecret(await developer.browser.submit(refused, `${clientPath(client)}/secret`, { overlap: '0' }));
  expect([await trySecret(client, second), await trySecret(client, third)]).toEqual([
    [401, 401],
    [400, 400],
  ]);
});

it('rotations at two servers at once keep every earlier secret, up to five', async () => {
  const client = await registerClient(developer.browser);
  const page = await developer.browser.open(clientPath(client));
  const token = /\/secret"><input type="hidden" name="csrf_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  const answers = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const headers = { host: new URL(server.issuer).host, cookie: developer.browser.cookieHeader(page.url) };
      const target = new URL(`${clientPath(client)}/secret`, server.urls[index % 2]);
      const body = encodeForm({ csrf_token: token, overlap: '3600' });
      return new Browser(server.issuer).request(target, { method: 'POST', body, headers });
    }),
  );
  expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
    303, 303, 303, 303, 303, 422, 422, 422,
  ]);
  expect(await trySecret(client, client.secret)).toEqual([400, 400]);
});

it('a form with several mistakes lists all of them at once', async () => {
  const page = await submitNewClient(developer.browser, {
    name: '\u200b',
    site: 'http://plain.example',
    tos_uri: 'nowhere',
    redirect_uris: 'https://any.example/#fragment',
  });
  const [, list = ''] = /class="error-summary"[^>]*>([^]*?)<\/section>/.exec(page.text) ?? [];
  expect([...list.matchAll(/href="#(\w+)"/g)].map(([, field]) => field)).toEqual([
    'name',
    'site',
    'tos_uri',
    'redirect_uris',
  ]);
  const token = await developer.browser.open('/account/tokens');
  const asked = { name: '', lifetime_days: '5', permissions: [] };
  const refused = readText((await developer.browser.submit(token, '/account/tokens', asked)).text);
  for (const problem of ['Enter a name of 1 to 60', 'Choose how long the token is valid.'])
    expect(refused).toContain(problem);
});

it('apps without a server of their own and apps for terminals have no secret', async () => {
  const page = await submitNewClient(developer.browser, { type: 'spa', redirect_uris: 'http://localhost:5173/' });
  expect([page.status, readSecret(page)]).toEqual([200, undefined]);
  const terminal = await registerClient(developer.browser, { type: 'terminal', redirect_uris: '' });
  const device = await callEndpoint(`${server.issuer}/device_authorization`, terminal, {
    scope: 'model:gpt-4o cap:chat',
  });
  expect([device.status, Object.keys(json(device))]).toEqual([200, expect.arrayContaining(['user_code'])]);
  const rotation = await developer.browser.open(clientPath(terminal));
  expect(rotation.text).not.toContain('/secret"');
});

it.each([
  ['name', { name: '' }],
  ['name', { name: '\u202Egpj' }],
  ['site', { site: 'javascript:alert(1)' }],
  ['policy_uri', { policy_uri: 'http://app.example/privacy' }],
  ['tos_uri', { tos_uri: 'https://someone:secret@app.example/terms' }],
  ['type', { type: 'root' }],
  ['redirect_uris', { redirect_uris: '' }],
  ['redirect_uris', { redirect_uris: 'http://app.example/callback' }],
  ['redirect_uris', { redirect_uris: 'https://app.example/* https://app.example/' }],
  ['redirect_uris', { redirect_uris: 'javascript:alert(1)' }],
  ['redirect_uris', { redirect_uris: 'com.example.app:/callback' }],
])('refuses a wrong %s: %j, and keeps what was typed', async (field, fields) => {
  const page = await submitNewClient(developer.browser, { name: 'Kept Name', ...fields });
  expect([page.status, page.url.pathname]).toEqual([422, newClientPath]);
  expect(page.text).toContain(`<a href="#${field}">`);
  if (field !== 'name') expect(page.text).toContain('value="Kept Name"');
});

it('a change of the redirect addresses applies from the next request on', async () => {
  const client = await registerClient(developer.browser);
  const path = `${clientPath(client)}/edit`;
  const form = await developer.browser.open(path);
  expect(form.text).toContain('https://app.example/callback</textarea>');
  const moved = { ...client, redirectUri: 'https://new.example/back' };
  const page = await developer.browser.submit(form, path, { name: 'New Name', redirect_uris: moved.redirectUri });
  expect(readText(page.text)).toMatch(/New Name.*Changes saved/);
  expect(countEvents(await listEvents(server, { clientId: client.id }), 'client_changed')).toBe(1);
  const user = await createOwner(server);
  expect((await user.browser.open((await buildRequest(server, client)).url)).status).toBe(400);
  expect((await connect(server, user.browser, moved)).access_token).not.toBe('');
});

it('a developer sees that the operator has approved or blocked an app, and that a change ends the approval', async () => {
  const { browser } = developer;
  const client = await registerClient(browser, { name: 'Standing App' });
  const [page, list, edit] = [clientPath(client), '/account/developer/clients', `${clientPath(client)}/edit`];
  const read = async (path: string) => readText((await browser.open(path)).text);
  const save = async (name: string) =>
    readText((await browser.submit(await browser.open(edit), edit, { name, redirect_uris: redirectUri })).text);
  const change = { clientId: client.id, by: undefined };
  expect(await read(page)).toMatch(/Not verified by this server .*People see that this app isn’t verified/);
  expect(await read(edit)).not.toContain('This app is verified.');

  await approveClient(server.db, change);
  expect(await read(page)).toMatch(/Verified by this server’s operator .*People see its name without a warning/);
  expect(await read(page)).not.toContain('isn’t verified');
  expect(await read(list)).toMatch(/Standing App .*Verified by this server’s operator/);
  expect(await read(edit)).toContain('This app is verified. A change ends that,');
  expect(await save('Standing App')).toMatch(/Changes saved\. .*Verified by this server’s operator/);
  expect(await save('Renamed App')).toMatch(
    /Changes saved\. The app isn’t verified any more, .*Not verified by this server/,
  );
  expect(await save('Renamed Again')).not.toContain('any more');

  await blockClient(server.db, change);
  expect(await read(page)).toMatch(/Blocked by this server’s operator .*It has no access, and can’t ask for any/);
  expect(await read(page)).not.toContain('erified');
  expect(await read(list)).toMatch(/Renamed Again .*Blocked by this server’s operator/);
});

it('a form in an old tab does not overwrite later changes', async () => {
  const client = await registerClient(developer.browser);
  const path = `${clientPath(client)}/edit`;
  const old = await developer.browser.open(path);
  await developer.browser.submit(old, path, { redirect_uris: 'https://new.example/back' });
  const again = await developer.browser.submit(old, path, { name: 'New Name' });
  expect([again.status, readText(again.text)]).toEqual([
    422,
    expect.stringContaining('This was changed in the meantime.'),
  ]);
  expect(again.text).toContain('https://new.example/back</textarea>');
  expect(
    readText(
      (await developer.browser.submit(again, path, { name: 'New Name', redirect_uris: 'https://app.example/2' })).text,
    ),
  ).toContain('Changes saved');
});

it('of two forms that are sent at once from the same page, one is saved and the other shows what was saved', async () => {
  const client = await registerClient(developer.browser);
  const path = `${clientPath(client)}/edit`;
  const page = await developer.browser.open(path);
  const headers = { host: page.url.host, cookie: developer.browser.cookieHeader(page.url) };
  const change = (fields: FormFields, url: string) => {
    const body = encodeForm({ ...readForm(page.text, path), redirect_uris: client.redirectUri, ...fields });
    return new Browser(server.issuer).request(new URL(path, url), { method: 'POST', body, headers });
  };
  const changes = [{ name: 'Tides' }, { site: 'https://tides.example' }];
  const answers = await meetAtClient(server.db, client.id, () =>
    changes.map((fields, index) => change(fields, server.urls[index] ?? '')),
  );
  expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([303, 422]);
  const refused = answers.find(({ status }) => status === 422)?.text ?? '';
  expect(readText(refused)).toContain('This was changed in the meantime.');
  const saved = readForm((await developer.browser.open(path)).text, path);
  expect(readForm(refused, path)).toMatchObject({ name: saved['name'], site: saved['site'] });
});

it('the site, the privacy policy and the terms of an app are links on the consent page, until they are removed', async () => {
  const sites = {
    site: 'https://app.example/',
    policy_uri: 'https://app.example/privacy',
    tos_uri: 'https://law.example/',
  };
  const client = await registerClient(developer.browser, sites);
  expect(readText((await developer.browser.open(clientPath(client))).text)).toMatch(
    /Website https:\/\/app\.example\/ Privacy policy https:\/\/app\.example\/privacy Terms of use https:\/\/law\.example\//,
  );
  const user = await createOwner(server);
  const consent = async () => (await user.browser.open((await buildRequest(server, client)).url)).text;
  const shown = await consent();
  for (const address of Object.values(sites)) expect(shown).toContain(`<a href="${address}" target="_blank"`);

  const path = `${clientPath(client)}/edit`;
  const form = await developer.browser.open(path);
  expect(form.text).toMatch(/id="tos_uri"[^>]*value="https:\/\/law\.example\/"/);
  const fields = { name: 'My App', redirect_uris: client.redirectUri, ...sites, tos_uri: '' };
  expect((await developer.browser.submit(form, path, fields)).status).toBe(200);
  const later = await consent();
  expect([later.includes(sites.policy_uri), later.includes(sites.tos_uri)]).toEqual([true, false]);
});

it('another account cannot see, change, rotate or delete a client', async () => {
  const client = await registerClient(developer.browser);
  const stranger = await createOwner(server);
  const own = await registerClient(stranger.browser);
  for (const part of ['', '/edit'])
    expect((await stranger.browser.open(`${clientPath(client)}${part}`)).status).toBe(404);
  const page = await stranger.browser.open(clientPath(own));
  const token = /\/secret"><input type="hidden" name="csrf_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  for (const part of ['secret', 'end-secrets', 'delete', 'edit']) {
    const body = encodeForm({ csrf_token: token, overlap: '0', name: 'Taken', redirect_uris: 'https://evil.example/' });
    const answer = await stranger.browser.request(`${clientPath(client)}/${part}`, { method: 'POST', body });
    expect([part, answer.status]).toEqual([part, 404]);
  }
  // a form for one client is not accepted for another one of the same account
  const mine = await developer.browser.open(clientPath(client));
  const other = await registerClient(developer.browser);
  const formToken = /name="csrf_token" value="([^"]+)"[^>]*><label for="overlap"/.exec(mine.text)?.[1] ?? '';
  const body = encodeForm({ csrf_token: formToken });
  expect((await developer.browser.request(`${clientPath(other)}/delete`, { method: 'POST', body })).status).toBe(403);
  expect(await trySecret(client, client.secret)).toEqual([400, 400]);
});

it('a deleted client loses all access at once', async () => {
  const client = await registerClient(developer.browser);
  const user = await createOwner(server);
  const tokens = await connect(server, user.browser, client);
  const page = await developer.browser.open(clientPath(client));
  const list = await developer.browser.submit(page, `${clientPath(client)}/delete`, { asked: 'yes', name: 'My App' });
  expect(readText(list.text)).toContain('App deleted.');
  expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
  expect((await refresh(server, client, tokens.refresh_token)).status).toBe(401);
  expect((await developer.browser.open(clientPath(client))).status).toBe(404);
  expect(countEvents(await listEvents(server, { clientId: client.id }), 'client_deleted')).toBe(1);
});

it('the spending through a deleted client is kept, and owners still see it on their pages', async () => {
  const client = await registerClient(developer.browser);
  const user = await createOwner(server);
  await connect(server, user.browser, client);
  const grant = await getLastGrant(server, user);
  await useGrant(server, grant, { cost: 30_000_000n });
  const page = await developer.browser.open(clientPath(client));
  await developer.browser.submit(page, `${clientPath(client)}/delete`, { asked: 'yes', name: 'My App' });
  expect(await getLastGrant(server, user)).toMatchObject({ id: grant.id, status: 'revoked', spent: 30_000_000n });
  expect(readText((await user.browser.open('/account')).text)).toContain('$0.03 for 1 request');
  expect((await user.browser.open((await buildRequest(server, client)).url)).status).toBe(400);
});

it('a developer sees the sum of the usage without identities, and no exact number of people, connections or sums below three people', async () => {
  const client = await registerClient(developer.browser);
  const users = [await createOwner(server), await createOwner(server), await createOwner(server)];
  const read = ({ text }: { readonly text: string }, head: string) =>
    new RegExp(`<th scope="row">${head}[^<]*</th><td>([^<]*)`).exec(text)?.[1] ?? '';
  const seen: string[] = [];
  const connections: string[] = [];
  for (const user of users) {
    await connect(server, user.browser, client);
    await useGrant(server, await getLastGrant(server, user), { cost: 20_000_000n });
    const page = await developer.browser.open(clientPath(client));
    seen.push(read(page, 'People'));
    connections.push(read(page, 'Connections'));
    expect(readText(page.text).includes('$0.0')).toBe(seen.length === 3);
    for (const { email, accountId } of users) expect(page.text).not.toMatch(new RegExp(`${email}|${accountId}`));
  }
  expect(seen).toEqual(['Fewer than 3', 'Fewer than 3', '3']);
  expect(connections).toEqual(['Of fewer than 3 people', 'Of fewer than 3 people', '3']);
  const page = await developer.browser.open(clientPath(client));
  expect(readText(page.text)).toMatch(/Connections now 3 Requests 3 Spent \$0\.06/);
  // When people leave, the developer does not learn when the last one does.
  for (const user of users) {
    await user.browser.submit(await user.browser.open('/account/remove-all'), '/account/remove-all');
    const text = await developer.browser.open(clientPath(client));
    expect([read(text, 'People'), read(text, 'Connections')]).toEqual(['3', 'Of fewer than 3 people']);
    expect(readText((await developer.browser.open('/account/developer/clients')).text)).toContain(
      'Connections of fewer than 3 people',
    );
  }
});

it('the sum that a developer sees says which part was simulated', async () => {
  const client = await registerClient(developer.browser);
  for (const isSimulated of [true, false, true]) {
    const user = await createOwner(server);
    await connect(server, user.browser, client);
    await useGrant(server, await getLastGrant(server, user), { cost: 20_000_000n, isSimulated });
  }
  const page = await developer.browser.open(clientPath(client));
  expect(readText(page.text)).toMatch(/Spent \$0\.06 \$0\.04 of it simulated/);
});

it('an account registers at most 20 clients, even when it registers them at two servers at once', async () => {
  const { browser } = await createOwner(server);
  const page = await browser.open(newClientPath);
  const token = /name="csrf_token" value="([^"]+)"[^>]*><fieldset id="type"/.exec(page.text)?.[1] ?? '';
  const body = encodeForm({ csrf_token: token, name: 'Many', redirect_uris: 'https://app.example/', type: 'spa' });
  const headers = { host: new URL(server.issuer).host, cookie: browser.cookieHeader(page.url) };
  const statuses = await Promise.all(
    Array.from({ length: 24 }, async (_, index) => {
      const target = new URL(newClientPath, server.urls[index % 2]);
      return (await new Browser(server.issuer).request(target, { method: 'POST', body, headers })).status;
    }),
  );
  expect([303, 422].map((status) => statuses.filter((one) => one === status).length)).toEqual([20, 4]);
});

// The ids at the beginning of titles are rows of docs/security.md.
it('L7: registering, changing and deleting an app, and a new secret, require a recent sign-in or the password', async () => {
  const other = await startTestServer();
  const { browser } = await createOwner(other);
  const client = await registerClient(browser);
  other.advanceClock(400);
  const refused = await submitNewClient(browser, { name: 'Kept Name' });
  expect([refused.status, refused.text.includes('value="Kept Name"')]).toEqual([422, true]);
  const page = await browser.open(clientPath(client));
  const asked = await browser.submit(page, `${clientPath(client)}/delete`, { asked: 'yes', name: 'My App' });
  expect([asked.status, readText(asked.text).includes('Confirm it’s you to delete the app.')]).toEqual([422, true]);
  expect((await browser.submit(page, `${clientPath(client)}/secret`, { overlap: '0' })).status).toBe(422);
  const edit = { redirect_uris: 'https://evil.example/' };
  const editPath = `${clientPath(client)}/edit`;
  expect((await browser.submit(await browser.open(editPath), editPath, edit)).status).toBe(422);
  const gone = await browser.submit(asked, `${clientPath(client)}/delete`, { password });
  expect(readText(gone.text)).toContain('App deleted.');
  await other.close();
});

it('without the operator’s setting, there are no pages on which developers register apps, and no link to them', async () => {
  const other = await startTestServer({ configuration: { developerClients: false } });
  const { browser } = await createOwner(other);
  for (const path of ['/account/developer/clients', newClientPath]) expect((await browser.open(path)).status).toBe(404);
  expect((await browser.open('/developers')).text).not.toContain('/account/developer');
  await other.close();
});
