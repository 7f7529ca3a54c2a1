import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { findAccountLimit, readOperatorCaps, setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { addClient, buildRequest } from './support/client.js';
import { countEvents, listEvents } from './support/events.js';
import { header, send } from './support/http.js';
import {
  identityClientSecret,
  type Person,
  startIdentityProvider,
  type TestIdentityProvider,
} from './support/identity-provider.js';
import { ageSignIn, createOwner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let idp: TestIdentityProvider;
/** This provider has the email address in its ID tokens. `idp` returns it from its userinfo endpoint. */
let other: TestIdentityProvider;
let server: TestServer;
beforeAll(async () => {
  idp = await startIdentityProvider('elsewhere');
  other = await startIdentityProvider('other', 'id_token');
  server = await startTestServer({ replicas: 2, configuration: { identityProviders: [idp.entry, other.entry] } });
  idp.register(`${server.issuer}/account/identities/elsewhere/callback`);
  other.register(`${server.issuer}/account/identities/other/callback`);
});
afterAll(async () => {
  await server?.close();
  await idp?.close();
  await other?.close();
});

let person: Person & { readonly email: string };
beforeEach(() => {
  person = { sub: randomUUID(), email: `${randomUUID()}@example.com`, email_verified: true };
});

const startPath = '/account/identities/elsewhere/start';

/** Goes to the identity provider, signs in there as this person, and comes back. */
async function come(browser: Browser, who: Person | undefined, start = startPath): Promise<Page> {
  const there = await browser.open(start);
  idp.person = who;
  return browser.open(await idp.visit(there.url));
}

const accountsWith = (email: string) =>
  server.db.selectFrom('accounts').selectAll().where('email', '=', email).execute();
const identitiesOf = (accountId: string) =>
  server.db.selectFrom('account_identities').selectAll().where('account_id', '=', accountId).execute();

it('a first sign-in with a verified e-mail address creates an account, and the next one signs in to it', async () => {
  const first = await come(new Browser(server.issuer), person);
  expect([first.status, first.url.pathname]).toEqual([200, '/account']);
  const [account] = await accountsWith(person.email);
  expect(account?.password_hash).toBe('');
  const changed = { ...person, email: `${randomUUID()}@example.com` };
  const second = await come(new Browser(server.issuer), changed, `${startPath}?return_to=/account/settings`);
  expect([second.status, second.url.pathname]).toEqual([200, '/account/settings']);
  expect(second.text).toContain(person.email);
  expect(await accountsWith(changed.email)).toEqual([]);
});

it('an account that a provider’s sign-in creates has the browser’s time zone', async () => {
  const page = await new Browser(server.issuer).open('/account/sign-in');
  expect(page.text).toMatch(
    /<script src="\/assets\/[^"]+\.js" nonce="[\w-]{22}" defer><\/script>[^]*<a [^>]*data-time-zone/,
  );
  await come(new Browser(server.issuer), person, `${startPath}?time_zone=Europe/Berlin`);
  const odd = { ...person, sub: randomUUID(), email: `${randomUUID()}@example.com` };
  await come(new Browser(server.issuer), odd, `${startPath}?time_zone=Mars/Olympus`);
  const zones = [...(await accountsWith(person.email)), ...(await accountsWith(odd.email))].map((one) => one.time_zone);
  expect(zones).toEqual(['Europe/Berlin', 'UTC']);
});

it('a provider may have the email address in its ID tokens', async () => {
  const browser = new Browser(server.issuer);
  const there = await browser.open('/account/identities/other/start');
  other.person = person;
  expect((await browser.open(await other.visit(there.url))).url.pathname).toBe('/account');
  expect((await accountsWith(person.email)).length).toBe(1);
});

it('an account that a provider’s sign-in creates has the limit of new accounts', async () => {
  const limited = await startTestServer({
    configuration: { identityProviders: [idp.entry], newAccountMaxCostPerMonth: 20_000_000_000n },
  });
  idp.register(`${limited.issuer}/account/identities/elsewhere/callback`);
  await come(new Browser(limited.issuer), person);
  const { id } = await limited.db
    .selectFrom('accounts')
    .select('id')
    .where('email', '=', person.email)
    .executeTakeFirstOrThrow();
  expect((await findAccountLimit(limited.db, id))?.maxCostPerMonth).toBe(20_000_000_000n);
  await limited.close();
  idp.register(`${server.issuer}/account/identities/elsewhere/callback`);
});

it('an operator without a password signs in again at the provider after an hour, and continues with the form', async () => {
  const browser = new Browser(server.issuer);
  await come(browser, person);
  const [{ id: accountId } = { id: '' }] = await accountsWith(person.email);
  await setOperator(server.db, accountId, true);
  const path = '/operator/keys/caps';
  const page = await browser.open('/operator/keys');
  await ageSignIn(server, { accountId }, 61 * 60);
  const typed = { cap_of_all_usd: '12.50', cap_of_account_usd: '' };
  const asked = await browser.submit(page, path, typed);
  expect(asked.status).toBe(422);
  const { url } = await browser.submit(asked, path, { sign_in_again: 'yes' });
  const query = new URLSearchParams({ return_to: url.searchParams.get('return_to') ?? '', again: 'true' });
  expect([url.pathname, url.searchParams.get('again')]).toEqual(['/account/sign-in', 'true']);
  const back = await come(browser, person, `${startPath}?${query}`);
  expect([back.url.pathname, readForm(back.text, path)]).toEqual(['/account/continue', expect.objectContaining(typed)]);
  const saved = await browser.submit(back, path);
  expect(readText(saved.text)).toContain('Saved. The change applies from now on.');
  expect((await readOperatorCaps(server.db)).ofAll).toBe(12_500_000_000n);
  const other = await createOwner(server);
  await setOperator(server.db, other.accountId, true);
  expect((await other.browser.open('/account/continue')).url.pathname).toBe('/account');
});

it('if an app asks for a new sign-in, an earlier sign-in at the provider is not enough', async () => {
  const browser = new Browser(server.issuer);
  await come(browser, person);
  const client = await addClient(server);
  const page = await browser.open((await buildRequest(server, client, { prompt: 'login' })).url);
  expect(page.url.pathname).toBe('/account/sign-in');
  const returnTo = page.url.searchParams.get('return_to') ?? '';
  const back = await come(browser, person, `${startPath}?${new URLSearchParams({ return_to: returnTo })}`);
  expect([back.url.pathname, back.url.searchParams.get('again')]).toEqual(['/account/sign-in', 'true']);
  const fresh = await come(
    browser,
    person,
    `${startPath}?${new URLSearchParams({ return_to: returnTo, again: 'true' })}`,
  );
  expect(fresh.url.pathname).toMatch(/^\/interaction\//);
});

it('an account without a password refuses every password, even an empty one', async () => {
  await come(new Browser(server.issuer), person);
  expect((await signIn(new Browser(server.issuer), person.email)).status).toBe(422);
  expect((await signIn(new Browser(server.issuer), person.email, '')).status).toBe(422);
});

it('an owner without a password sets one after a recent sign-in, and can then sign in with it', async () => {
  const browser = new Browser(server.issuer);
  await come(browser, person);
  const page = await browser.open('/account/password');
  expect(readText(page.text)).toContain('You have no password yet');
  const done = await browser.submit(page, '/account/password', { new_password: password });
  expect(readText(done.text)).toContain('Password changed');
  expect((await signIn(new Browser(server.issuer), person.email)).url.pathname).toBe('/account');
});

it.each([
  ['not verified', { email_verified: false }],
  ['marked as verified by a string instead of a boolean', { email_verified: 'true' as unknown as boolean }],
  ['missing', { email: undefined as unknown as string }],
])('an address that is %s creates no account', async (_name, claims) => {
  const page = await come(new Browser(server.issuer), { ...person, ...claims });
  expect([page.url.pathname, readText(page.text)]).toEqual([
    '/account/sign-in',
    expect.stringContaining('hasn’t confirmed your email address'),
  ]);
  expect(await accountsWith(person.email)).toEqual([]);
});

it('an identity with the e-mail address of an account cannot sign in to it until the owner connects the identity', async () => {
  const owner = await createOwner(server);
  const same = { ...person, email: owner.email };
  const refused = await come(new Browser(server.issuer), same);
  expect([refused.url.pathname, readText(refused.text)]).toEqual([
    '/account/sign-in',
    expect.stringContaining('There’s already an account with this email address'),
  ]);
  expect(await identitiesOf(owner.accountId)).toEqual([]);

  const page = await owner.browser.open('/account/identities');
  const there = await owner.browser.submit(page, '/account/identities/elsewhere/connect');
  expect(there.url.origin).toBe(idp.url);
  expect(header(page, 'content-security-policy')).toContain(`form-action 'self' ${idp.url}`);
  idp.person = same;
  const connected = await owner.browser.open(await idp.visit(there.url));
  expect(readText(connected.text)).toContain(`Connected as ${owner.email}`);
  expect((await come(new Browser(server.issuer), same)).url.pathname).toBe('/account');

  const removed = await owner.browser.submit(connected, '/account/identities/elsewhere/remove');
  expect(readText(removed.text)).toContain('It can no longer sign in to this account');
  expect((await come(new Browser(server.issuer), same)).url.pathname).toBe('/account/sign-in');
  const events = await listEvents(server, owner);
  expect(['identity_connected', 'identity_removed'].map((kind) => countEvents(events, kind))).toEqual([1, 1]);
});

it('an answer is accepted once, only in the browser and only for the account that began the sign-in', async () => {
  const victim = await createOwner(server);
  idp.person = person;
  const strangers = await idp.visit((await new Browser(server.issuer).open(startPath)).url);
  expect((await victim.browser.open(strangers)).status).toBe(400);

  const page = await victim.browser.open('/account/identities');
  const there = await victim.browser.submit(page, '/account/identities/elsewhere/connect');
  const back = await idp.visit(there.url);
  await signIn(victim.browser, (await createOwner(server)).email);
  expect((await victim.browser.open(back)).status).toBe(400);

  const browser = new Browser(server.issuer);
  const answer = await idp.visit((await browser.open(startPath)).url);
  expect((await browser.open(answer)).status).toBe(200);
  expect((await browser.open(answer)).status).toBe(400);
  expect(await identitiesOf(victim.accountId)).toEqual([]);
});

it('connecting an identity requires the form of the page and a recent sign-in', async () => {
  const owner = await createOwner(server);
  const page = await owner.browser.open('/account/identities');
  const path = '/account/identities/elsewhere/connect';
  expect((await owner.browser.submit(page, path, { csrf_token: 'x'.repeat(43) })).status).toBe(403);
  await server.db
    .updateTable('owner_sessions')
    .set({ authenticated_at: new Date(Date.now() - 600_000) })
    .where('account_id', '=', owner.accountId)
    .execute();
  const asked = await owner.browser.submit(page, path);
  expect([asked.status, readText(asked.text)]).toEqual([422, expect.stringContaining('Confirm it’s you')]);
  expect((await owner.browser.submit(asked, path, { password })).url.origin).toBe(idp.url);
});

it('a sign-in whose ID token has no auth_time counts as old, and “Confirm it’s you” requires a new sign-in at the provider', async () => {
  const browser = new Browser(server.issuer);
  await come(browser, person);
  await come(browser, person);
  const [account] = await accountsWith(person.email);
  const age = async () => {
    const sessions = server.db.selectFrom('owner_sessions').select('authenticated_at');
    const row = await sessions.where('account_id', '=', account?.id ?? '').executeTakeFirstOrThrow();
    return Math.round((Date.now() - row.authenticated_at.getTime()) / 3_600_000);
  };
  expect(await age()).toBe(24);
  const again = await browser.open(`${startPath}?again=true&return_to=/account`);
  expect(Object.fromEntries(again.url.searchParams)).toMatchObject({ prompt: 'login', max_age: '300' });
  idp.person = person;
  expect((await browser.open(await idp.visit(again.url))).url.pathname).toBe('/account');
  expect(await age()).toBe(0);
});

it('an owner whose provider does not say when they signed in is told how else they can confirm who they are', async () => {
  const browser = new Browser(server.issuer);
  await come(browser, person);
  expect(readText((await browser.open('/account')).text)).toContain('Set a password');
  const { url } = await browser.open(`${startPath}?again=true&return_to=/account/keys`);
  // without these two parameters, the provider leaves out auth_time
  url.searchParams.delete('max_age');
  url.searchParams.delete('prompt');
  const back = await browser.open(await idp.visit(url));
  expect([back.url.pathname, back.url.searchParams.get('return_to')]).toEqual(['/account/sign-in', '/account/keys']);
  expect(readText(back.text)).toMatch(/the other provider doesn’t say when you signed in there.*set a password/);
  expect(back.text).toContain('href="/account/forgotten-password"');
});

it('a person who cancels the sign-in at the provider returns to the sign-in page', async () => {
  const page = await come(new Browser(server.issuer), undefined);
  expect([page.url.pathname, readText(page.text)]).toEqual([
    '/account/sign-in',
    expect.stringContaining('The sign-in there was canceled'),
  ]);
});

it('two first sign-ins with one identity, at once at two replicas, create one account', async () => {
  const browsers = [new Browser(server.issuer), new Browser(server.issuer)];
  idp.person = person;
  const answers = await Promise.all(browsers.map(async (one) => idp.visit((await one.open(startPath)).url)));
  const headers = { host: new URL(server.issuer).host };
  await Promise.all(
    browsers.map((browser, index) => {
      const url = new URL(answers[index] ?? '');
      const cookie = browser.cookieHeader(url);
      return send(`${server.urls[index]}${url.pathname}${url.search}`, { headers: { ...headers, cookie } });
    }),
  );
  const [account, ...others] = await accountsWith(person.email);
  expect(others).toEqual([]);
  expect((await identitiesOf(account?.id ?? '')).length).toBe(1);
});

it('a sign-in at an unknown provider is answered with 404, and at a provider that is down with 502 and Retry-After', async () => {
  expect((await new Browser(server.issuer).open('/account/identities/unknown/start')).status).toBe(404);
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const down = await startTestServer({
    configuration: { identityProviders: [{ ...idp.entry, issuer: `http://127.0.0.1:${port}` }] },
  });
  const page = await new Browser(down.issuer).open(startPath);
  expect([page.status, page.headers['retry-after']]).toEqual([502, '30']);
  const owner = await createOwner(down);
  expect(readText((await owner.browser.open('/account/identities')).text)).toContain('We can’t reach Elsewhere');
  await down.close();
});

it('no code, token or secret of the provider is in the log', () => {
  const log = server.logLines.join('');
  expect(log).not.toContain(identityClientSecret);
  expect(log).not.toMatch(/code=|code_verifier|id_token/);
});
