import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Authenticator } from './support/authenticator.js';
import { Browser, readForm, readText } from './support/browser.js';
import { addClient, buildRequest } from './support/client.js';
import { encodeForm } from './support/http.js';
import { createOwner, password, signIn } from './support/owner.js';
import { addPasskey, createWithPasskey, fetchChallenge, submitWithPasskey } from './support/passkeys.js';
import { findFreePort, startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  const port = await findFreePort();
  // browsers bind passkeys to domain names only
  server = await startTestServer({ replicas: 2, configuration: { port, issuer: `http://localhost:${port}` } });
});
afterAll(() => server.close());

let browser: Browser;
let authenticator: Authenticator;
let email: string;
beforeEach(() => {
  browser = new Browser(server.issuer);
  authenticator = new Authenticator(server.issuer);
  email = `${randomUUID()}@example.com`;
});

const path = '/account/create';
const codesPath = '/account/recovery-codes';
const findAccount = () => server.db.selectFrom('accounts').selectAll().where('email', '=', email).executeTakeFirst();
const age = (minutes: number) =>
  server.db
    .updateTable('owner_sessions')
    .set({ authenticated_at: new Date(Date.now() - minutes * 60_000) })
    .execute();

it('an account that is created with a passkey has no password, and its recovery codes are shown at once', async () => {
  const page = await createWithPasskey(browser, authenticator, { email, returnTo: '/account/keys' });
  expect([page.status, page.url.pathname]).toEqual([200, '/account/recovery-codes']);
  expect(page.text.match(/[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/g)).toHaveLength(10);
  expect(readForm(page.text, `${codesPath}/saved`)).toMatchObject({ return_to: '/account/keys' });
  expect(await findAccount()).toMatchObject({ password_hash: '' });
  const elsewhere = new Browser(server.issuer);
  const signInPage = await elsewhere.open('/account/sign-in');
  const form = { page: signInPage, action: '/account/sign-in/passkey' };
  expect((await submitWithPasskey(elsewhere, authenticator, form)).url.pathname).toBe('/account');
  expect((await signIn(new Browser(server.issuer), email, '')).status).toBe(422);
});

it('the overview reminds the owner of a new account to save recovery codes, until they say that they have', async () => {
  const page = await createWithPasskey(browser, authenticator, { email, returnTo: '/account/keys' });
  const reminders = async () => {
    const overview = readText((await browser.open('/account')).text);
    const codes = readText((await browser.open(codesPath)).text);
    return [overview.includes('Save recovery codes'), codes.includes('You haven’t confirmed that you saved them.')];
  };
  expect(await reminders()).toEqual([true, true]);
  // Loaded again, the page no longer shows the codes, so the owner can continue, but not confirm that they are saved.
  const reloaded = await browser.open(`${codesPath}?return_to=%2Faccount%2Fkeys`);
  expect(reloaded.text).toContain('<a href="/account/keys">Continue</a>');
  expect(reloaded.text).not.toContain(`${codesPath}/saved`);
  const next = await browser.submit(page, `${codesPath}/saved`);
  expect([next.url.pathname, await reminders()]).toEqual(['/account/keys', [false, false]]);
});

it('an owner who does not have the first recovery codes gets new ones', async () => {
  await createWithPasskey(browser, authenticator, { email });
  await browser.submit(await browser.open(codesPath), codesPath, { asked: 'yes' });
  expect(readText((await browser.open('/account')).text)).not.toContain('Save recovery codes');
});

it('a recovery code sets a password for an account that was created with a passkey', async () => {
  const page = await createWithPasskey(browser, authenticator, { email });
  const [code = ''] = page.text.match(/[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/) ?? [];
  const lost = new Browser(server.issuer);
  const form = await lost.open('/account/forgotten-password');
  await lost.submit(form, '/account/forgotten-password', { email, recovery_code: code, new_password: password });
  expect((await signIn(new Browser(server.issuer), email)).url.pathname).toBe('/account');
});

it('a passkey creates no account if it answers no challenge for a new account, or one that was used already', async () => {
  const page = await browser.open(path);
  const { csrf_token = '' } = readForm(page.text, path);
  const signInChallenge = await fetchChallenge(browser, '/account/sign-in/passkey-challenge');
  const challenge = await fetchChallenge(browser, `${path}/passkey-options`, { csrf_token, email });
  for (const credential of [
    '',
    '{}',
    authenticator.create(signInChallenge),
    authenticator.create('x'.repeat(43)),
    authenticator.create(challenge, { isVerified: false }),
    authenticator.create(challenge),
  ]) {
    const refused = await browser.submit(page, path, { email, by: 'passkey', new_passkey: credential });
    expect([refused.status, readText(refused.text)]).toEqual([422, expect.stringContaining('No passkey was created.')]);
  }
  expect(await findAccount()).toBeUndefined();
});

it('a passkey that belongs to an account already creates no other account', async () => {
  await createWithPasskey(browser, authenticator, { email });
  const other = `${randomUUID()}@example.com`;
  const again = await createWithPasskey(new Browser(server.issuer), authenticator, { email: other });
  expect(again.status).toBe(422);
  email = other;
  expect(await findAccount()).toBeUndefined();
});

it('no passkey is made for an e-mail address that is malformed or taken, and the form says why', async () => {
  const owner = await createOwner(server);
  const page = await browser.open(path);
  const { csrf_token = '' } = readForm(page.text, path);
  for (const [typed, sentence] of [
    ['no address', 'Enter an email address, like name@example.com.'],
    [owner.email, 'We couldn’t create an account with this email.'],
  ] as const) {
    const body = encodeForm({ csrf_token, email: typed });
    const options = await browser.request(`${path}/passkey-options`, { method: 'POST', body });
    expect(options.status).toBe(422);
    const refused = await browser.submit(page, path, { email: typed, by: 'passkey' });
    expect([refused.status, readText(refused.text)]).toEqual([422, expect.stringContaining(sentence)]);
  }
});

// The ids at the beginning of titles are rows of docs/security.md.
it('C4: the options for a first passkey require the form token of the page', async () => {
  const body = encodeForm({ csrf_token: 'x'.repeat(43), email });
  expect((await browser.request(`${path}/passkey-options`, { method: 'POST', body })).status).toBe(403);
});

it('of many concurrent uses of one new passkey, exactly one creates an account', async () => {
  const page = await browser.open(path);
  const { csrf_token = '' } = readForm(page.text, path);
  const challenge = await fetchChallenge(browser, `${path}/passkey-options`, { csrf_token, email });
  const new_passkey = authenticator.create(challenge);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () =>
      browser.submit(page, path, { email, by: 'passkey', new_passkey }, { follow: false }),
    ),
  );
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 422, 422, 422, 422]);
});

it('L7: without a password, a form asks for the passkey only, and the last way to sign in cannot be removed', async () => {
  await createWithPasskey(browser, authenticator, { email });
  const page = await browser.open('/account/passkeys');
  const [stored] = await server.db
    .selectFrom('passkeys')
    .select('id')
    .where('credential_id', '=', authenticator.credentialId)
    .execute();
  const removal = `/account/passkeys/${stored?.id}/remove`;
  await age(6);
  const asked = await browser.submit(page, removal, { asked: 'yes' });
  expect([asked.status, Object.keys(readForm(asked.text, removal))]).toEqual([422, ['csrf_token', 'asked', 'passkey']]);
  const refused = await submitWithPasskey(browser, authenticator, { page: asked, action: removal });
  expect([refused.status, readText(refused.text)]).toEqual([422, expect.stringContaining('the only way to sign in')]);
  const second = new Authenticator(server.issuer);
  await addPasskey(browser, (challenge) => second.create(challenge));
  const removed = await browser.submit(await browser.open('/account/passkeys'), removal, { asked: 'yes' });
  expect(readText(removed.text)).toContain('Passkey removed.');
});

it('L7: an identity at a provider that the operator has removed does not count as another way to sign in', async () => {
  await createWithPasskey(browser, authenticator, { email });
  const [stored] = await server.db
    .selectFrom('passkeys')
    .select(['id', 'account_id'])
    .where('credential_id', '=', authenticator.credentialId)
    .execute();
  const identity = { account_id: String(stored?.account_id), issuer: 'https://removed.example', subject: email };
  await server.db.insertInto('account_identities').values(identity).execute();
  const removal = `/account/passkeys/${stored?.id}/remove`;
  const refused = await browser.submit(await browser.open('/account/passkeys'), removal, { asked: 'yes' });
  expect([refused.status, readText(refused.text)]).toEqual([422, expect.stringContaining('the only way to sign in')]);
});

it('L7: without a password, a password is set soon after a sign-in, or with a passkey', async () => {
  await createWithPasskey(browser, authenticator, { email });
  const page = await browser.open('/account/password');
  expect(readForm(page.text, '/account/password')).not.toHaveProperty('password');
  await age(6);
  const asked = await browser.submit(page, '/account/password', { new_password: 'short' });
  expect([asked.status, readText(asked.text)]).toEqual([
    422,
    expect.stringMatching(/Confirm it’s you.*Use at least 8/),
  ]);
  const form = { page: asked, action: '/account/password', fields: { new_password: password } };
  expect(readText((await submitWithPasskey(browser, authenticator, form)).text)).toContain('Password changed.');
  expect((await signIn(new Browser(server.issuer), email)).url.pathname).toBe('/account');
});

it('L7: to set a new password, a passkey can be used instead of the old password: in the form, or in a recent sign-in', async () => {
  const owner = await createOwner(server);
  await addPasskey(owner.browser, (challenge) => authenticator.create(challenge));
  const action = '/account/password';
  const page = await owner.browser.open(action);
  const intruder = new Authenticator(server.issuer);
  const fields = { new_password: 'another horse, another staple 43' };
  expect((await submitWithPasskey(owner.browser, intruder, { page, action, fields })).status).toBe(422);
  const changed = await submitWithPasskey(owner.browser, authenticator, { page, action, fields });
  expect(readText(changed.text)).toContain('Password changed.');

  const signInPage = await owner.browser.open('/account/sign-in?again=true');
  const signInForm = { page: signInPage, action: '/account/sign-in/passkey' };
  await submitWithPasskey(owner.browser, authenticator, signInForm);
  const again = await owner.browser.open(action);
  expect(readForm(again.text, action)).not.toHaveProperty('password');
  expect(readText((await owner.browser.submit(again, action, { new_password: password })).text)).toContain(
    'Password changed.',
  );
  await submitWithPasskey(owner.browser, authenticator, {
    page: await owner.browser.open('/account/sign-in?again=true'),
    action: '/account/sign-in/passkey',
  });
  await age(6);
  const late = await owner.browser.submit(await owner.browser.open(action), action, fields);
  expect([late.status, readText(late.text)]).toEqual([422, expect.stringContaining('Enter your current password.')]);
});

it('the overview offers a passkey to an owner without one', async () => {
  const owner = await createOwner(server);
  const link = '<a href="/account/passkeys">Add a passkey</a>';
  expect((await owner.browser.open('/account')).text).toContain(link);
  await addPasskey(owner.browser, (challenge) => authenticator.create(challenge));
  expect((await owner.browser.open('/account')).text).not.toContain(link);
});

it('a person whom an app sent creates an account with a passkey, and comes back to the app’s request', async () => {
  const client = await addClient(server);
  const { url } = await buildRequest(server, client);
  const signInPage = await browser.open(url);
  const returnTo = signInPage.url.searchParams.get('return_to') ?? '';
  const page = await createWithPasskey(browser, authenticator, { email, returnTo });
  const next = await browser.submit(page, `${codesPath}/saved`);
  expect([next.status, next.url.pathname]).toEqual([200, expect.stringMatching(/^\/interaction\//)]);
  expect(readForm(next.text, `${next.url.pathname}/consent`)).toHaveProperty('request_hash');
});
