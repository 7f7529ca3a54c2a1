import type { Browser, Page } from './browser.js';
import { redirectUri, type TestClient } from './client.js';
import type { FormFields } from './http.js';

export const newClientPath = '/account/developer/clients/new';

/** Submits the form for a new client on the owner's page for developers. */
export async function submitNewClient(browser: Browser, fields: FormFields = {}): Promise<Page> {
  const page = await browser.open(newClientPath);
  const usual = { name: 'My App', site: '', redirect_uris: redirectUri, type: 'web' };
  return browser.submit(page, newClientPath, { ...usual, ...fields });
}

/** Reads a client from its page. A page shows a new secret only once; on later pages `secret` is undefined. */
export function readClient(page: Page, redirect = redirectUri): TestClient {
  const id = page.url.pathname.split('/').at(-1) ?? '';
  return { id, secret: readSecret(page), redirectUri: redirect };
}

export function readSecret({ text }: Page): string | undefined {
  return /<textarea id="new-secret"[^>]*>([\w-]{43})<\/textarea>/.exec(text)?.[1];
}

export async function registerClient(browser: Browser, fields: FormFields = {}): Promise<TestClient> {
  const page = await submitNewClient(browser, fields);
  if (page.status !== 200 || page.url.pathname === newClientPath) throw new Error(`not registered: ${page.text}`);
  return readClient(page, String(fields['redirect_uris'] ?? redirectUri));
}

export const clientPath = ({ id }: Pick<TestClient, 'id'>) => `/account/developer/clients/${id}`;
