import { findPasswordReset, insertPasswordReset } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Browser, readText } from './support/browser.js';
import { type FormFields, send } from './support/http.js';
import { createOwner, type Owner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
});
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createOwner(server);
});

const path = '/account/password';
const newPassword = 'another horse, another staple 43';

async function change(fields: FormFields) {
  return owner.browser.submit(await owner.browser.open(path), path, fields);
}

const cookieOf = ({ cookies }: Browser) =>
  [...cookies.values()].map(({ name, value }) => `${name}=${value}`).join('; ');

/** The status of a page that requires a sign-in, at each replica. */
async function openEverywhere(cookie: string) {
  const headers = { cookie, host: new URL(server.issuer).host };
  const answers = server.urls.map((url) => send(`${url}/account/apps`, { headers }));
  return (await Promise.all(answers)).map(({ status }) => status);
}

// The ids at the beginning of titles are rows of docs/security.md.
it('L5: a changed password ends all other sessions at both replicas, and only the new password works', async () => {
  const elsewhere = new Browser(server.issuer);
  await signIn(elsewhere, owner.email);
  const before = cookieOf(owner.browser);
  expect(await openEverywhere(cookieOf(elsewhere))).toEqual([200, 200]);
  const done = await change({ password, new_password: newPassword });
  expect(readText(done.text)).toContain('Password changed. You’re signed out on all other devices.');
  expect(await openEverywhere(cookieOf(elsewhere))).toEqual([303, 303]);
  expect(await openEverywhere(before)).toEqual([303, 303]);
  expect(await openEverywhere(cookieOf(owner.browser))).toEqual([200, 200]);
  expect((await signIn(new Browser(server.issuer), owner.email)).status).toBe(422);
  expect((await signIn(new Browser(server.issuer), owner.email, newPassword)).url.pathname).toBe('/account');
});

it('L7: changing the password requires the present one, even soon after a sign-in, and guesses are limited', async () => {
  const statuses: number[] = [];
  for (let guess = 0; guess < 11; guess += 1)
    statuses.push((await change({ password: `wrong guess ${guess}`, new_password: newPassword })).status);
  expect(statuses).toEqual([...Array<number>(10).fill(422), 429]);
  expect((await signIn(new Browser(server.issuer), owner.email, newPassword)).status).not.toBe(200);
});

it('the page reports a wrong password and a weak new one together', async () => {
  const page = await change({ password: 'a wrong one', new_password: 'short' });
  expect([page.status, readText(page.text)]).toEqual([
    422,
    expect.stringMatching(/Wrong password\..*Use at least 8 characters\./),
  ]);
  const missing = await change({ password: '', new_password: newPassword });
  expect([missing.status, readText(missing.text)]).toEqual([
    422,
    expect.stringContaining('Enter your current password.'),
  ]);
});

it('L6: a new password may have more than 64 characters, and a short or common one is refused', async () => {
  for (const refused of ['short', 'password123']) {
    const page = await change({ password, new_password: refused });
    expect([refused, page.status]).toEqual([refused, 422]);
    expect(page.text).not.toContain(refused);
  }
  const long = `${'long '.repeat(20)}end`;
  expect((await change({ password, new_password: long })).status).toBe(200);
  expect((await signIn(new Browser(server.issuer), owner.email, `${long}!`)).status).toBe(422);
  expect((await signIn(new Browser(server.issuer), owner.email, long)).status).toBe(200);
});

it('if the password is changed twice at once, one change takes effect and one session stays', async () => {
  const page = await owner.browser.open(path);
  const other = new Browser(server.issuer);
  await signIn(other, owner.email);
  const theirs = await other.open(path);
  await Promise.all([
    owner.browser.submit(page, path, { password, new_password: `${newPassword} a` }),
    other.submit(theirs, path, { password, new_password: `${newPassword} b` }),
  ]);
  const rows = (table: 'owner_sessions' | 'audit_events') =>
    server.db.selectFrom(table).selectAll().where('account_id', '=', owner.accountId).execute();
  expect((await rows('owner_sessions')).length).toBe(1);
  const events = (await rows('audit_events')).map((row) => ('event' in row ? row.event : ''));
  expect(events.filter((event) => event === 'password_changed').length).toBe(1);
});

it('C4: changing the password requires this page’s form token', async () => {
  expect((await change({ csrf_token: 'x'.repeat(43), password, new_password: newPassword })).status).toBe(403);
});

it('L5: a change of the password ends the links that set a new password', async () => {
  const token = 'x'.repeat(43);
  await insertPasswordReset(server.db, { accountId: owner.accountId, token, lifetimeSeconds: 3_600 });
  await change({ password, new_password: newPassword });
  expect(await findPasswordReset(server.db, token)).toBeUndefined();
});
