import type { Authenticator } from './authenticator.js';
import { type Browser, type Page, readForm } from './browser.js';
import { encodeForm, type FormFields, json } from './http.js';

export const passkeysPath = '/account/passkeys';
export const challengePath = '/account/sign-in/passkey-challenge';

/** The challenge of an endpoint that makes options for a passkey. */
export async function fetchChallenge(browser: Browser, from: string, fields: FormFields = {}): Promise<string> {
  const headers = { accept: 'application/json' };
  const answer = await browser.request(from, { method: 'POST', body: encodeForm(fields), headers });
  return String(json(answer)['challenge']);
}

/** Adds a passkey on the owner's page, as the page's script does. */
export async function addPasskey(
  browser: Browser,
  make: (challenge: string) => string,
  name = 'Laptop',
): Promise<Page> {
  const page = await browser.open(passkeysPath);
  const { csrf_token = '' } = readForm(page.text, passkeysPath);
  const challenge = await fetchChallenge(browser, `${passkeysPath}/options`, { csrf_token });
  return browser.submit(page, passkeysPath, { name, new_passkey: make(challenge) });
}

/** Creates an account with a passkey and no password, as the page's script does. */
export async function createWithPasskey(
  browser: Browser,
  authenticator: Authenticator,
  { email, returnTo = '' }: { readonly email: string; readonly returnTo?: string },
): Promise<Page> {
  const path = '/account/create';
  const page = await browser.open(`${path}?${new URLSearchParams({ return_to: returnTo })}`);
  const { csrf_token = '' } = readForm(page.text, path);
  const challenge = await fetchChallenge(browser, `${path}/passkey-options`, { csrf_token, email });
  return browser.submit(page, path, { email, by: 'passkey', new_passkey: authenticator.create(challenge) });
}

/** Submits a form of a page with an answer of the passkey, in place of the password. */
export async function submitWithPasskey(
  browser: Browser,
  authenticator: Authenticator,
  { page, action, fields = {} }: { readonly page: Page; readonly action: string; readonly fields?: FormFields },
): Promise<Page> {
  const passkey = authenticator.get(await fetchChallenge(browser, challengePath));
  return browser.submit(page, action, { ...fields, passkey });
}
