import { randomUUID } from 'node:crypto';
import { hashSecret } from '@aipassport/store';
import { upsertClient } from '@aipassport/store/authorization';
import * as openid from 'openid-client';
import { deriveAppId } from '../../src/account/app-id.js';
import { formatPath, paths } from '../../src/endpoints.js';
import { Browser, type Page } from './browser.js';
import { type Answer, basic, type FormFields, postForm } from './http.js';
import { proxySecret, type TestServer } from './start-server.js';

export interface TestClient {
  readonly id: string;
  readonly secret: string | undefined;
  readonly redirectUri: string;
}

interface TestClientOptions {
  readonly isPublic?: boolean;
  readonly name?: string;
  readonly redirectUris?: readonly string[];
  readonly registeredBy?: 'operator' | 'registration';
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The page of an app in its owner's account. */
export function appPathOf({ id }: Pick<TestClient, 'id'>): string {
  return formatPath(paths.app, deriveAppId(id));
}

export const redirectUri = 'https://app.example/callback';

/** Makes a client as the operator does. */
export async function addClient({ db }: TestServer, options: TestClientOptions = {}): Promise<TestClient> {
  const {
    isPublic = false,
    name = 'Test App',
    redirectUris = [redirectUri],
    registeredBy = 'operator',
    metadata = {},
  } = options;
  const id = randomUUID();
  const secret = isPublic ? undefined : randomUUID();
  await upsertClient(db, {
    id,
    name,
    metadata: {
      redirect_uris: redirectUris,
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: isPublic ? 'none' : 'client_secret_basic',
      ...metadata,
    },
    secretHash: secret === undefined ? undefined : hashSecret(secret),
    webOrigins: redirectUris.map((uri) => new URL(uri).origin),
    registeredBy,
  });
  return { id, secret, redirectUri: redirectUris[0] ?? redirectUri };
}

export interface AuthorizationRequest {
  readonly url: URL;
  readonly codeVerifier: string;
  readonly state: string;
}

export const usualScope = 'model:gpt-4o model:claude-sonnet-4-5 cap:chat cap:embeddings';

/** A valid authorization request. A parameter that is given as '' is left out. */
export async function buildRequest(
  server: TestServer,
  client: TestClient,
  parameters: Readonly<Record<string, string>> = {},
): Promise<AuthorizationRequest> {
  const codeVerifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const url = new URL('/authorize', server.issuer);
  const all = {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: client.redirectUri,
    scope: usualScope,
    state,
    code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  };
  for (const [name, value] of Object.entries(all)) if (value !== '') url.searchParams.set(name, value);
  return { url, codeVerifier, state };
}

/** Opens an authorization request in a new browser. `error` is what the client got; null when it got none. */
export async function requestAuthorization(
  server: TestServer,
  client: TestClient,
  parameters: Readonly<Record<string, string>>,
) {
  const request = await buildRequest(server, client, parameters);
  const page = await new Browser(server.issuer).open(request.url);
  return { page, request, error: page.url.searchParams.get('error') };
}

/**
 * The form field with which an owner keeps the access that the app already has. Most tests that make several grants
 * need all these grants.
 * @returns no field if the page shows no such access
 */
export function keepAccess({ text }: Pick<Page, 'text'>): FormFields {
  return text.includes('name="existing_access"') ? { existing_access: 'add' } : {};
}

/**
 * Presses a button of a consent page. The app keeps the access that it already has, unless the fields say otherwise. If
 * the app got access meanwhile, for instance in a parallel part of the test, the page is shown again, and the button is
 * pressed again.
 * @returns the page to which the browser is sent
 */
export async function pressButton(
  browser: Browser,
  page: Page,
  decision: 'allow' | 'deny',
  fields: FormFields = {},
): Promise<Page> {
  const action = `${page.url.pathname}/consent`;
  let shown = page;
  for (let turn = 0; turn < 30; turn += 1) {
    const next = await browser.submit(shown, action, { decision, ...keepAccess(shown), ...fields });
    if (next.status !== 422 || !next.text.includes('The app got access in the meantime.')) return next;
    shown = next;
  }
  throw new Error('the page was shown 30 times');
}

/**
 * Opens the request, always asks for the consent page, and decides there. The app keeps the access that it already has,
 * unless the fields say otherwise.
 * @returns the page to which the browser is sent
 */
export async function decide(
  browser: Browser,
  request: AuthorizationRequest,
  decision: 'allow' | 'deny',
  fields: FormFields = {},
): Promise<Page> {
  const url = new URL(request.url);
  url.searchParams.set('prompt', 'consent');
  const page = await browser.open(url);
  return pressButton(browser, page, decision, fields);
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly expires_in: number;
  readonly authorization_details: readonly Readonly<Record<string, unknown>>[];
}

/** Sends an authorization request, allows it, and redeems its code. */
export async function connect(
  server: TestServer,
  browser: Browser,
  client: TestClient,
  parameters: Readonly<Record<string, string>> = {},
  fields: FormFields = {},
): Promise<Tokens> {
  const request = await buildRequest(server, client, parameters);
  const back = await decide(browser, request, 'allow', fields);
  const code = back.url.searchParams.get('code');
  if (code === null) throw new Error(`no code: ${back.url.href} ${back.text}`);
  const answer = await redeem(server, client, { code, codeVerifier: request.codeVerifier });
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.text}`);
  return JSON.parse(answer.text) as Tokens;
}

/** @returns the code of a request that was allowed */
export async function obtainCode(
  server: TestServer,
  browser: Browser,
  client: TestClient,
  parameters: Readonly<Record<string, string>> = {},
): Promise<{ code: string; codeVerifier: string }> {
  const request = await buildRequest(server, client, parameters);
  const back = await decide(browser, request, 'allow');
  const code = back.url.searchParams.get('code');
  if (code === null) throw new Error(`no code: ${back.url.href} ${back.text}`);
  return { code, codeVerifier: request.codeVerifier };
}

export function authenticate(client: TestClient): { fields: FormFields; headers: Record<string, string> } {
  return client.secret === undefined
    ? { fields: { client_id: client.id }, headers: {} }
    : { fields: {}, headers: basic(client.id, client.secret) };
}

export async function callEndpoint(
  url: string,
  client: TestClient,
  form: FormFields,
  issuer?: string,
): Promise<Answer> {
  const { fields, headers } = authenticate(client);
  const host = issuer === undefined ? {} : { host: new URL(issuer).host };
  return postForm(url, { ...fields, ...form }, { ...headers, ...host });
}

export async function redeem(
  server: TestServer,
  client: TestClient,
  { code, codeVerifier }: { code: string; codeVerifier: string },
  url = server.issuer,
): Promise<Answer> {
  const form = {
    grant_type: 'authorization_code',
    code,
    code_verifier: codeVerifier,
    redirect_uri: client.redirectUri,
  };
  return callEndpoint(`${url}/token`, client, form, server.issuer);
}

export async function refresh(
  server: TestServer,
  client: TestClient,
  refreshToken: string,
  { scope, url = server.issuer }: { scope?: string; url?: string } = {},
): Promise<Answer> {
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...(scope === undefined ? {} : { scope }) };
  return callEndpoint(`${url}/token`, client, form, server.issuer);
}

export async function revoke(server: TestServer, client: TestClient, token: string): Promise<Answer> {
  return callEndpoint(`${server.issuer}/revoke`, client, { token });
}

/** Introspects a token as the resource proxy does. */
export async function introspect(server: TestServer, token: string): Promise<Record<string, unknown>> {
  const answer = await postForm(
    `${server.issuer}/introspect`,
    { token },
    basic(server.configuration.proxyClientId, proxySecret),
  );
  return JSON.parse(answer.text) as Record<string, unknown>;
}
