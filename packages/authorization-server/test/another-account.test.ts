import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readForm, readText } from './support/browser.js';
import type { TestIdentityProvider } from './support/identity-provider.js';
import { createOwner, password } from './support/owner.js';
import type { TestServer } from './support/start-server.js';
import { startWithIdentityProvider } from './support/start-with-identity-provider.js';

let idp: TestIdentityProvider;
let server: TestServer;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ idp, server, close } = await startWithIdentityProvider());
});
afterAll(() => close?.());

const path = '/account/sign-in';
const askOther = `${path}?return_to=%2Faccount%2Fapps&other=true`;

it('an owner who wants to use another account sees the sign-in page of a visitor, which says who is signed in', async () => {
  const { browser, email } = await createOwner(server);
  const page = await browser.open(askOther);
  const text = readText(page.text);
  expect(text).toContain(`You’re signed in as ${email} . Sign in with another account.`);
  expect(text).toContain('Create an account');
  expect(text).not.toContain('Confirm it’s you');
  expect(readForm(page.text, path)['email']).toBe('');
  const wrong = await browser.submit(page, path, { email: 'other@example.com', password: 'not the password' });
  expect(wrong.status).toBe(422);
  expect(readText(wrong.text)).toContain(`You’re signed in as ${email} . Sign in with another account.`);
  const other = await createOwner(server);
  const done = await browser.submit(wrong, path, { email: other.email, password });
  expect(done.url.pathname).toBe('/account/apps');
  expect(readText((await browser.open('/account/email')).text)).toContain(other.email);
});

it('an owner who wants to use another account has to sign in again at the identity provider', async () => {
  const { browser } = await createOwner(server);
  const { text } = await browser.open(askOther);
  const [, start = ''] = /href="([^"]*elsewhere\/start[^"]*)"/.exec(text) ?? [];
  const { url } = await browser.open(start.replaceAll('&amp;', '&'));
  expect([url.searchParams.get('prompt'), url.searchParams.get('max_age')]).toEqual(['login', null]);
  const email = `${randomUUID()}@example.com`;
  idp.person = { sub: randomUUID(), email, email_verified: true };
  expect((await browser.open(await idp.visit(url))).url.pathname).toBe('/account/apps');
  expect(readText((await browser.open('/account/email')).text)).toContain(email);
});
