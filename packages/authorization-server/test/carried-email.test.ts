import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { encodeForm } from './support/http.js';
import { createOwner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
});
afterAll(() => server.close());

const signInPath = '/account/sign-in';
const createPath = '/account/create';
const forgottenPath = '/account/forgotten-password';
const returnTo = '/account/settings';

/** Presses the button that opens another page with what was typed in the form. */
async function goTo(browser: Browser, page: Page, target: string, email: string): Promise<Page> {
  const button = [...page.text.matchAll(/<button\b[^>]*>/g)]
    .map(([tag]) => tag)
    .find((tag) => tag.includes(`formaction="${target}"`));
  const [, carry = ''] = / value="([^"]+)"/.exec(button ?? '') ?? [];
  const fields = { ...readForm(page.text, page.url.pathname), email, password: '', carry };
  return browser.request(target, { method: 'POST', body: encodeForm(fields) });
}

const fieldsOf = (page: Page) => readForm(page.text, page.url.pathname);

it('the email address that was typed and the page to return to are kept when a person goes from the sign-in page to the page for a new account or a forgotten password, and back', async () => {
  const browser = new Browser(server.issuer);
  const email = `${randomUUID()}@example.com`;
  const signIn = await browser.open(`${signInPath}?return_to=${returnTo}`);
  const create = await goTo(browser, signIn, createPath, email);
  expect([create.status, create.url.search]).toEqual([200, '']);
  expect(fieldsOf(create)).toMatchObject({ email, return_to: returnTo });
  const back = await goTo(browser, create, signInPath, email);
  expect(fieldsOf(back)).toMatchObject({ email, return_to: returnTo });
  const forgotten = await goTo(browser, back, forgottenPath, email);
  expect(fieldsOf(forgotten)).toMatchObject({ email, return_to: returnTo });
  expect(fieldsOf(await goTo(browser, forgotten, signInPath, email))).toMatchObject({ email, return_to: returnTo });
  const created = await browser.submit(create, createPath, { email, password });
  expect(created.url.pathname).toBe(returnTo);
  expect(server.logLines.join('\n')).not.toContain(email);
});

it('a button that opens another of these pages neither signs in nor makes an account, even with a password in the form', async () => {
  const { email } = await createOwner(server);
  const browser = new Browser(server.issuer);
  const page = await browser.open(createPath);
  const [, carry] = / name="carry" value="([^"]+)"/.exec(page.text) ?? [];
  for (const target of [createPath, signInPath, forgottenPath]) {
    const body = encodeForm({ ...fieldsOf(page), email, password, carry: carry ?? '' });
    const shown = await browser.request(target, { method: 'POST', body });
    expect([target, shown.status]).toEqual([target, 200]);
  }
  expect((await browser.open('/account')).url.pathname).toBe(signInPath);
});

it('CSRF: a form that opens one of these pages with a wrong token gets 403', async () => {
  const browser = new Browser(server.issuer);
  const page = await browser.open(signInPath);
  for (const target of [createPath, signInPath, forgottenPath]) {
    const body = encodeForm({ ...fieldsOf(page), email: 'a@example.com', password, carry: 'x'.repeat(43) });
    expect((await browser.request(target, { method: 'POST', body })).status).toBe(403);
  }
});

it('a page that asks an owner to sign in again still does so after a wrong password', async () => {
  const owner = await createOwner(server);
  const page = await owner.browser.open(`${signInPath}?again=true`);
  const wrong = await owner.browser.submit(page, signInPath, { email: owner.email, password: 'not the right one' });
  expect(wrong.status).toBe(422);
  expect(readText(wrong.text)).toContain('Confirm it’s you');
  expect(fieldsOf(wrong)).toMatchObject({ again: 'true', email: owner.email });
});
