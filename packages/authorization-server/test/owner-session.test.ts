import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, readForm } from './support/browser.js';
import { guess } from './support/guess.js';
import { encodeForm, header } from './support/http.js';
import { createOwner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ configuration: { trustedProxyHops: 1 } });
});
afterAll(() => server.close());

async function ownerCookie(browser: Browser): Promise<string> {
  return [...browser.cookies.values()].find(({ name }) => name.endsWith('owner'))?.value ?? '';
}

// The ids at the beginning of titles are rows of docs/security.md.
it('L3: signing in makes a new session, ends the old one, and never adopts a planted one', async () => {
  const owner = await createOwner(server);
  const before = await ownerCookie(owner.browser);
  await signIn(owner.browser, owner.email);
  const after = await ownerCookie(owner.browser);
  expect(after).not.toBe(before);
  expect(after).toMatch(/^[\w-]{43}$/);
  const replayed = new Browser(server.issuer);
  replayed.cookies.set('x', { name: 'aipassport_owner', value: before, path: '/' });
  expect((await replayed.open('/account/apps')).url.pathname).toBe('/account/sign-in');
  const planted = new Browser(server.issuer);
  planted.cookies.set('aipassport_owner;/', { name: 'aipassport_owner', value: 'a'.repeat(43), path: '/' });
  await signIn(planted, owner.email);
  expect(await ownerCookie(planted)).not.toBe('a'.repeat(43));
  const planter = new Browser(server.issuer);
  planter.cookies.set('x', { name: 'aipassport_owner', value: 'a'.repeat(43), path: '/' });
  expect((await planter.open('/account/apps')).url.pathname).toBe('/account/sign-in');
});

it('a sign-in form that is sent twice is accepted; a form of one account is refused after another account has signed in', async () => {
  const { email } = await createOwner(server);
  const browser = new Browser(server.issuer);
  const signInPage = await browser.open('/account/sign-in');
  for (const _press of ['first', 'second'])
    expect((await browser.submit(signInPage, '/account/sign-in', { email, password })).url.pathname).toBe('/account');
  const page = await browser.open('/account/sessions');
  const other = await createOwner(server);
  await signIn(browser, other.email);
  expect((await browser.submit(page, '/account/sign-out')).status).toBe(403);
  // A cookie of another session does not make the form valid.
  const replaced = [...browser.cookies.values()].find(({ name }) => name.endsWith('replaced_session'));
  expect(replaced).toBeDefined();
  const stranger = new Browser(server.issuer);
  await signIn(stranger, email);
  for (const [key, cookie] of browser.cookies) if (/form|replaced/.test(cookie.name)) stranger.cookies.set(key, cookie);
  expect((await stranger.submit(page, '/account/sign-out')).status).toBe(403);
});

it('L5: a session ends when it is idle, when it is too old and when its owner signs out; its cookie is then useless', async () => {
  const ends: readonly ((accountId: string) => Promise<unknown>)[] = [
    (accountId) =>
      server.db
        .updateTable('owner_sessions')
        .set({ last_seen_at: new Date(Date.now() - 8.1 * 3_600_000) })
        .where('account_id', '=', accountId)
        .execute(),
    (accountId) =>
      server.db
        .updateTable('owner_sessions')
        .set({ expires_at: new Date() })
        .where('account_id', '=', accountId)
        .execute(),
  ];
  for (const end of ends) {
    const owner = await createOwner(server);
    await server.db
      .updateTable('owner_sessions')
      .set({ last_seen_at: new Date(Date.now() - 7.9 * 3_600_000) })
      .where('account_id', '=', owner.accountId)
      .execute();
    expect((await owner.browser.open('/account/apps')).url.pathname).toBe('/account/apps');
    await end(owner.accountId);
    expect((await owner.browser.open('/account/apps')).url.pathname).toBe('/account/sign-in');
  }
  const owner = await createOwner(server);
  const kept = await ownerCookie(owner.browser);
  const page = await owner.browser.open('/account/apps');
  await owner.browser.submit(page, '/account/sign-out');
  const thief = new Browser(server.issuer);
  thief.cookies.set('x', { name: 'aipassport_owner', value: kept, path: '/' });
  expect((await thief.open('/account/apps')).url.pathname).toBe('/account/sign-in');
});

it('after a sign-in, the redirect leads only to pages of this server', async () => {
  const owner = await createOwner(server);
  for (const returnTo of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/logout',
    '/account/grants/../../x',
    'javascript:alert(1)',
    '/interaction/../x',
  ]) {
    const browser = new Browser(server.issuer);
    const page = await browser.open(`/account/sign-in?${new URLSearchParams({ return_to: returnTo })}`);
    expect(readForm(page.text, '/account/sign-in')['return_to']).toBe('/account');
    const done = await browser.submit(
      page,
      '/account/sign-in',
      { email: owner.email, password, return_to: returnTo },
      { follow: false },
    );
    expect([returnTo, header(done, 'location')]).toEqual([returnTo, '/account']);
  }
});

it('forms to sign in, create an account and sign out require this browser’s form token', async () => {
  const owner = await createOwner(server);
  const forms = [
    ['/account/sign-in', { email: owner.email, password }],
    ['/account/create', { email: `${randomUUID()}@example.com`, password }],
    ['/account/sign-out', {}],
  ] as const;
  for (const [action, fields] of forms) {
    const victim = new Browser(server.issuer);
    const forged = await victim.request(action, {
      method: 'POST',
      body: encodeForm({ ...fields, csrf_token: 'x'.repeat(43) }),
    });
    expect([action, forged.status]).toEqual([action, 403]);
    const attackerPage = await new Browser(server.issuer).open('/account/sign-in');
    const stolen = readForm(attackerPage.text, '/account/sign-in')['csrf_token'] ?? '';
    expect(
      (await victim.request(action, { method: 'POST', body: encodeForm({ ...fields, csrf_token: stolen }) })).status,
    ).toBe(403);
  }
});

it('a form with another content type, an unknown or repeated field, or more than 64 KiB is refused', async () => {
  const browser = new Browser(server.issuer);
  const page = await browser.open('/account/sign-in');
  const fields = readForm(page.text, '/account/sign-in');
  const post = (body: string, headers: Record<string, string> = {}) =>
    browser.request('/account/sign-in', { method: 'POST', body, headers });
  expect((await post('{}', { 'content-type': 'application/json' })).status).toBe(400);
  expect((await post(encodeForm({ ...fields, email: 'a@b.example', password: 'x', admin: 'true' }))).status).toBe(422);
  expect((await post(encodeForm({ ...fields, email: ['a@b.example', 'b@b.example'], password: 'x' }))).status).toBe(
    422,
  );
  expect((await post(encodeForm({ ...fields, email: 'a@b.example', password: 'x'.repeat(70_000) }))).status).toBe(413);
});

it('G2: a new account, a refused sign-in, a sign-in and a sign-out each have a row in the audit log', async () => {
  const owner = await createOwner(server);
  await guess(server, owner.email, 'wrong', { from: '203.0.113.220' });
  await signIn(owner.browser, owner.email);
  const page = await owner.browser.open('/account/apps');
  await owner.browser.submit(page, '/account/sign-out');
  const rows = await server.db
    .selectFrom('audit_events')
    .select('event')
    .where('account_id', '=', owner.accountId)
    .orderBy('id')
    .execute();
  expect(rows.map(({ event }) => event)).toEqual(['account_created', 'sign_in_refused', 'signed_in', 'signed_out']);
});
