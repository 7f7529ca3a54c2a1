import { Browser, type Page, readForm } from './browser.js';
import { encodeForm } from './http.js';
import type { TestServer } from './start-server.js';

/** Sends a guess of a password to the sign-in page. `from`: its IP address, as a reverse proxy would report it. */
export async function guess(
  { issuer }: Pick<TestServer, 'issuer'>,
  email: string,
  text: string,
  { browser = new Browser(issuer), from = '203.0.113.7' } = {},
): Promise<Page> {
  const page = await browser.open('/account/sign-in?again=true');
  const body = encodeForm({ ...readForm(page.text, '/account/sign-in'), email, password: text });
  return browser.request('/account/sign-in', { method: 'POST', body, headers: { 'x-forwarded-for': from } });
}
