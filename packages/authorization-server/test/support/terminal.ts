import { deviceGrantType } from '../../src/oidc/offered.js';
import { type Browser, type Page, readForm } from './browser.js';
import { addClient, callEndpoint, keepAccess, type TestClient, usualScope } from './client.js';
import { type Answer, encodeForm, type FormFields, json } from './http.js';
import type { TestServer } from './start-server.js';

export interface DeviceAuthorization {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
}

/** Makes a public client for terminals, without a redirect URI. */
export async function addTerminal(server: TestServer, name = 'Test Terminal'): Promise<TestClient> {
  const grants = { grant_types: ['refresh_token', deviceGrantType], response_types: [] };
  return addClient(server, { isPublic: true, name, redirectUris: [], metadata: grants });
}

/** Requests a device code and a user code, as a terminal does. A parameter that is given as '' is left out. */
export async function askForCodes(
  server: TestServer,
  client: TestClient,
  parameters: Readonly<Record<string, string>> = {},
  url = server.issuer,
): Promise<Answer> {
  const all = Object.entries({ scope: usualScope, ...parameters }).filter(([, value]) => value !== '');
  return callEndpoint(`${url}/device_authorization`, client, Object.fromEntries(all), server.issuer);
}

export async function beginDevice(
  server: TestServer,
  client: TestClient,
  parameters: Readonly<Record<string, string>> = {},
): Promise<DeviceAuthorization> {
  const answer = await askForCodes(server, client, parameters);
  if (answer.status !== 200) throw new Error(`no codes: ${answer.text}`);
  return json(answer) as unknown as DeviceAuthorization;
}

/** Polls once, at one of the replicas. */
export async function poll(
  server: TestServer,
  client: TestClient,
  { device_code: deviceCode }: Pick<DeviceAuthorization, 'device_code'>,
  url = server.issuer,
): Promise<Answer> {
  const form = { grant_type: deviceGrantType, device_code: deviceCode };
  return callEndpoint(`${url}/token`, client, form, server.issuer);
}

interface Place {
  /** The replica at which the form arrives. */
  readonly replica?: string;
  /** The IP address of the browser, as the reverse proxy reports it. */
  readonly from?: string;
}

/** Sends the form of `/device`. Redirects are not followed. */
export async function enterCode(
  browser: Browser,
  userCode: string,
  { replica, from = '203.0.113.7' }: Place = {},
): Promise<Page> {
  const page = await browser.open('/device');
  const body = encodeForm({ ...readForm(page.text, '/device'), user_code: userCode });
  const headers = { host: page.url.host, 'x-forwarded-for': from };
  return browser.request(new URL('/device', replica ?? page.url), { method: 'POST', body, headers });
}

/** Enters the code. @returns the consent page */
export async function openConsent(browser: Browser, userCode: string): Promise<Page> {
  const page = await browser.open('/device');
  return browser.submit(page, '/device', { user_code: userCode });
}

/** Enters the code and decides. @returns the page after the decision */
export async function decideDevice(
  browser: Browser,
  { user_code: userCode }: Pick<DeviceAuthorization, 'user_code'>,
  decision: 'allow' | 'deny',
  fields: FormFields = {},
): Promise<Page> {
  const page = await openConsent(browser, userCode);
  return browser.submit(page, `${page.url.pathname}/consent`, { decision, ...keepAccess(page), ...fields });
}
