import { setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readReturnTo } from '../src/account/return-to.js';
import { Browser, readText } from './support/browser.js';
import { addClient, appPathOf, connect } from './support/client.js';
import { ageSignIn, createOwner, type Owner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let operator: Owner;
beforeAll(async () => {
  server = await startTestServer();
  operator = await createOwner(server);
  await setOperator(server.db, operator.accountId, true);
});
afterAll(() => server.close());

/** Opens a page that asks for a sign-in first, and signs in. @returns the page to which that leads */
async function signInOn({ browser, email }: Owner, address: string): Promise<string> {
  const page = await browser.open(address);
  expect(page.url.pathname).toBe('/account/sign-in');
  const { url } = await browser.submit(page, '/account/sign-in', { email, password });
  return url.pathname + url.search;
}

it.each([
  '/operator/accounts?search=anna%40example.com',
  '/operator/accounts?search=a+b&after=anna%40example.com',
  '/operator/clients?search=Recipe',
  '/operator/spending?month=2026-01',
  '/operator/audit?event=signed_in&email=anna%40example.com',
])('after an hour, a sign-in leads an operator back to %s', async (address) => {
  await ageSignIn(server, operator, 3_700);
  expect(await signInOn(operator, address)).toBe(address);
});

it('after an hour, an operator who wants to block an app has to sign in, and is then asked about the same app', async () => {
  const { id } = await addClient(server, { name: 'Bad App' });
  const address = `/operator/change?${new URLSearchParams({ act: 'block_client', subject: id })}`;
  await ageSignIn(server, operator, 3_700);
  expect(await signInOn(operator, address)).toBe(address);
  const visitor = { ...operator, browser: new Browser(server.issuer) };
  expect(await signInOn(visitor, address)).toBe(address);
  expect(readText((await visitor.browser.open(address)).text)).toMatch(/Block app .*Bad App/);
});

it('an owner who has to sign in to see a filtered activity, or a later page of it, comes back to that page', async () => {
  const visitor = { ...operator, browser: new Browser(server.issuer) };
  const address = '/account/activity?kind=security&before=1000';
  expect(await signInOn(visitor, address)).toBe(address);
});

it.each([
  '/operator/accounts?search=x&next=https://evil.example',
  '/operator/accounts?search=x?search=y',
  '/operator/accounts?',
  '/operator/spending?search=x',
  '//evil.example/operator/accounts?search=x',
  'https://evil.example/operator/accounts?search=x',
  '/\\evil.example?search=x',
  '/account?search=x',
  `/operator/accounts?search=${'x'.repeat(1_000)}`,
])('a sign-in leads only to known pages of this server, and not to %s', (address) => {
  expect(readReturnTo(address)).toBe('/account');
});

it('the audit log says in words what happened to any account, in the language of the operator', async () => {
  const owner = await createOwner(server);
  const client = await addClient(server, { name: 'Logged App' });
  await connect(server, owner.browser, client, {}, { max_requests: '40' });
  const form = `${appPathOf(client)}/remove`;
  await owner.browser.submit(await owner.browser.open(appPathOf(client)), form);
  const address = `/operator/audit?email=${encodeURIComponent(owner.email)}`;
  await signIn(operator.browser, operator.email);
  const { text } = await operator.browser.open(address);
  expect(readText(text)).toMatch(new RegExp(`Account removed access ${owner.email} Logged App .*grant_revoked`));
  expect(readText(text)).toContain(`Account gave access ${owner.email} Logged App`);
  expect(readText(text)).toContain('Account gave access (consent_given)');
  expect(readText(text)).not.toMatch(/You (gave|removed|denied)|Registration of your/);
  const german = await operator.browser.request(address, { headers: { 'accept-language': 'de' } });
  expect(readText(german.text)).toContain(`Konto hat den Zugriff entfernt ${owner.email} Logged App`);
});
