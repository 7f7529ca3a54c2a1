import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { decodeProtectedHeader, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import * as openid from 'openid-client';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { addClient, buildRequest, decide, redeem, type TestClient, usualScope } from './support/client.js';
import { encodeForm, header, json, postForm, send } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

const bye = 'https://app.example/bye?from=aipassport';

let server: TestServer;
let client: TestClient;
let owner: Owner;
/** An ID token of `client` for `owner`. */
let hint: string;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  client = await addClient(server, { name: 'Notes', metadata: { post_logout_redirect_uris: [bye] } });
});
afterAll(() => server.close());

beforeEach(async () => {
  owner = await createOwner(server);
  hint = await obtainIdToken(owner, client);
});

async function obtainIdToken({ browser }: Owner, of: TestClient): Promise<string> {
  const request = await buildRequest(server, of, { scope: `openid ${usualScope}` });
  const back = await decide(browser, request, 'allow');
  const code = back.url.searchParams.get('code') ?? '';
  return String(json(await redeem(server, of, { code, codeVerifier: request.codeVerifier }))['id_token']);
}

const ask = async (parameters: Readonly<Record<string, string>>, { browser } = owner) =>
  browser.open(`/logout?${new URLSearchParams(parameters).toString()}`);
const confirm = async (page: Page) => owner.browser.submit(page, '/logout/confirm', { logout: 'yes' });
const isSignedIn = async () => (await owner.browser.open('/account/apps')).url.pathname === '/account/apps';

/** The same token, with a modified header and signature, or without a signature. */
const forged = {
  modified: (token: string) => token.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A')).replace(/.\./, 'x.'),
  unsigned: (token: string) => {
    const [, payload = ''] = token.split('.');
    return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
  },
};

it.each<readonly [string, () => Readonly<Record<string, string>>, string | undefined]>([
  [
    'a hint, a URL and a state',
    () => ({ id_token_hint: hint, post_logout_redirect_uri: bye, state: 'a&b' }),
    `${bye}&state=a%26b`,
  ],
  ['no state', () => ({ id_token_hint: hint, post_logout_redirect_uri: bye }), bye],
  [
    'a client_id instead of a hint',
    () => ({ client_id: client.id, post_logout_redirect_uri: bye, state: 's' }),
    `${bye}&state=s`,
  ],
  [
    'a hint and its client_id',
    () => ({ id_token_hint: hint, client_id: client.id, post_logout_redirect_uri: bye }),
    bye,
  ],
  [
    'a logout_hint and ui_locales, which are ignored',
    () => ({ id_token_hint: hint, logout_hint: 'x', ui_locales: 'xx yy', post_logout_redirect_uri: bye }),
    bye,
  ],
  ['no URL', () => ({ id_token_hint: hint, state: 's' }), undefined],
  ['only a state', () => ({ state: 's' }), undefined],
  ['no parameters', () => ({}), undefined],
  ['a URL, but no hint and no client_id', () => ({ post_logout_redirect_uri: bye, state: 's' }), undefined],
])(
  'a logout with %s asks the owner, and then leads to the registered URL or to a page of this server',
  async (_what, describe, back) => {
    const page = await ask(describe());
    expect([page.status, readText(page.text)]).toEqual([200, expect.stringContaining('Sign out?')]);
    expect(await isSignedIn()).toBe(true);
    const ended = await confirm(page);
    expect(ended.url.href).toBe(back ?? `${server.issuer}/logout/success`);
    expect(await isSignedIn()).toBe(false);
  },
);

it.each<readonly [string, () => Readonly<Record<string, string>>]>([
  ['no token as its hint', () => ({ id_token_hint: 'bad', post_logout_redirect_uri: bye })],
  ['a modified hint', () => ({ id_token_hint: forged.modified(hint), post_logout_redirect_uri: bye })],
  ['an unsigned hint', () => ({ id_token_hint: forged.unsigned(hint), post_logout_redirect_uri: bye })],
  ['an unregistered URL', () => ({ id_token_hint: hint, post_logout_redirect_uri: 'https://evil.example/' })],
  ['a query added to the URL', () => ({ id_token_hint: hint, post_logout_redirect_uri: `${bye}&x=1` })],
  ['a redirect URI of the client', () => ({ id_token_hint: hint, post_logout_redirect_uri: client.redirectUri })],
  [
    'an unregistered URL and a client_id',
    () => ({ client_id: client.id, post_logout_redirect_uri: 'https://evil.example/' }),
  ],
  ['an unknown client', () => ({ client_id: 'unknown', post_logout_redirect_uri: bye })],
  [
    'a hint and the client_id of another client',
    () => ({ id_token_hint: hint, client_id: 'other', post_logout_redirect_uri: bye }),
  ],
])(
  'a logout with %s is refused with a page, without a redirect, and the owner stays signed in',
  async (_what, describe) => {
    const page = await ask(describe());
    expect([page.status, page.url.origin, header(page, 'location')]).toEqual([400, server.issuer, '']);
    expect(page.text).not.toContain('evil.example');
    expect(await isSignedIn()).toBe(true);
  },
);

it('a hint that a client signed itself, or that was issued to another client, is refused', async () => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const foreign = await importJWK(await exportJWK(privateKey), 'ES256');
  const { kid = '' } = decodeProtectedHeader(hint);
  const claims = { iss: server.issuer, aud: client.id, sub: owner.accountId };
  const own = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).setIssuedAt().sign(foreign);
  expect((await ask({ id_token_hint: own, post_logout_redirect_uri: bye })).status).toBe(400);
  const other = await addClient(server);
  const otherHint = await obtainIdToken(owner, other);
  expect((await ask({ id_token_hint: otherHint, post_logout_redirect_uri: bye })).status).toBe(400);
});

it('an expired hint and the hint of another owner are accepted, because the page always asks first', async () => {
  const someone = await createOwner(server);
  const foreign = await obtainIdToken(someone, client);
  server.advanceClock(8 * 24 * 3_600);
  for (const id_token_hint of [hint, foreign])
    expect(readText((await ask({ id_token_hint, post_logout_redirect_uri: bye })).text)).toContain('Sign out?');
  server.advanceClock(-8 * 24 * 3_600);
});

it('the page names the app and the host to which the browser is sent', async () => {
  const page = await ask({ id_token_hint: hint, post_logout_redirect_uri: bye });
  expect(header(page, 'content-security-policy')).toContain("form-action 'self' https://app.example");
  expect(readText(page.text)).toMatch(/Notes wants to sign you out .* You’ll return to app\.example/);
  const { text } = await ask({});
  expect(readText(text)).toMatch(/An app or a link wants to sign you out/);
  expect(text).not.toContain('You’ll return');
});

// The ids at the beginning of titles are rows of docs/security.md.
it('C1: the name that an app chose itself is not on the page, unless the operator vouches for the app', async () => {
  const name = 'OpenAI Official Support';
  const own = { name, registeredBy: 'registration' } as const;
  const web = await addClient(server, { ...own, metadata: { post_logout_redirect_uris: [bye] } });
  const shown = async (parameters: Readonly<Record<string, string>>) => readText((await ask(parameters)).text);
  const returning = await shown({ client_id: web.id, post_logout_redirect_uri: bye });
  const staying = await shown({ client_id: web.id });
  expect(returning).toContain('app.example wants to sign you out');
  expect(staying).toContain('An app or a link wants to sign you out');
  for (const text of [returning, staying]) expect(text).not.toContain(name);
});

it.each([
  ['http://127.0.0.1:46575/bye', 'You’ll return to an app on your computer'],
  ['http://[::1]:46575/bye', 'You’ll return to an app on your computer'],
  ['com.example.notes:/bye', 'You’ll return to the app on this device that opens com.example.notes:'],
])('the page names the place %s as the pages about an app’s access do', async (place, words) => {
  const native = await addClient(server, {
    redirectUris: ['http://127.0.0.1/cb'],
    isPublic: true,
    metadata: { application_type: 'native', post_logout_redirect_uris: [place] },
  });
  const page = await ask({ client_id: native.id, post_logout_redirect_uri: place });
  expect(readText(page.text)).toContain(words);
});

it('an owner who chooses to stay signed in goes back to the app', async () => {
  const page = await ask({ id_token_hint: hint, post_logout_redirect_uri: bye, state: 's' });
  const stays = await owner.browser.submit(page, '/logout/confirm');
  expect(stays.url.href).toBe(`${bye}&state=s`);
  expect(await isSignedIn()).toBe(true);
});

it('a logout ends the owner’s sessions and is recorded; grants and tokens stay valid', async () => {
  await confirm(await ask({ id_token_hint: hint, post_logout_redirect_uri: bye }));
  const { url } = await buildRequest(server, client, { prompt: 'none' });
  const silent = await owner.browser.open(url);
  expect(silent.url.searchParams.get('error')).toBe('login_required');
  const grants = await server.db
    .selectFrom('grants')
    .select('status')
    .where('account_id', '=', owner.accountId)
    .execute();
  expect(grants).toEqual([{ status: 'active' }]);
  const events = server.db.selectFrom('audit_events').select(['event', 'client_id']);
  const recorded = await events.where('account_id', '=', owner.accountId).where('event', '=', 'signed_out').execute();
  expect(recorded).toEqual([{ event: 'signed_out', client_id: client.id }]);
});

it('a browser without a session is redirected only after a click, and ends no session', async () => {
  const visitor = new Browser(server.issuer);
  const query = new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: bye, state: 's' }).toString();
  const page = await visitor.open(`/logout?${query}`);
  expect([page.status, readText(page.text)]).toEqual([200, expect.stringContaining('Continue to app.example')]);
  const left = await visitor.submit(page, '/logout/confirm');
  expect(left.url.href).toBe(`${bye}&state=s`);
  expect(readText((await visitor.open('/logout')).text)).toContain('You can close this page');
  expect(await isSignedIn()).toBe(true);
});

it('a logout may be requested by POST, even from a page of another site; its confirmation requires the secret of the page', async () => {
  const form = { id_token_hint: hint, post_logout_redirect_uri: bye, state: 's' };
  const answer = await postForm(`${server.issuer}/logout`, form, { 'sec-fetch-site': 'cross-site' });
  expect(answer.status).toBe(303);
  const page = await owner.browser.open(header(answer, 'location'));
  expect((await confirm(page)).url.href).toBe(`${bye}&state=s`);
  const another = await createOwner(server);
  const body = new URLSearchParams({ logout: 'yes', xsrf: 'guessed' }).toString();
  expect((await another.browser.request('/logout/confirm', { method: 'POST', body })).status).toBe(400);
  expect((await another.browser.open('/account/apps')).url.pathname).toBe('/account/apps');
});

it('openid-client’s logout begins at one replica and is confirmed at the other, and then no session is left at either', async () => {
  const options = { execute: [openid.allowInsecureRequests] };
  const config = await openid.discovery(new URL(server.issuer), client.id, client.secret, undefined, options);
  const parameters = { id_token_hint: hint, post_logout_redirect_uri: bye, state: 's' };
  const page = await owner.browser.open(openid.buildEndSessionUrl(config, parameters));
  const confirmation = '/logout/confirm';
  const confirmed = await owner.browser.request(`${server.urls[1]}${confirmation}`, {
    method: 'POST',
    body: encodeForm({ ...readForm(page.text, confirmation), logout: 'yes' }),
    headers: { host: page.url.host },
  });
  expect([confirmed.status, header(confirmed, 'location')]).toEqual([303, `${bye}&state=s`]);
  for (const replica of server.urls) {
    const account = await owner.browser.request(`${replica}/account/apps`, { headers: { host: page.url.host } });
    expect([account.status, header(account, 'location')]).toEqual([303, expect.stringContaining('/account/sign-in')]);
  }
});

it('a client can register the URLs that a logout leads to, and the metadata names the endpoint', async () => {
  const headers = { 'content-type': 'application/json' };
  const metadata = { redirect_uris: ['https://app.example/cb'], post_logout_redirect_uris: [bye] };
  const registered = json(
    await send(`${server.issuer}/register`, { method: 'POST', headers, body: JSON.stringify(metadata) }),
  );
  expect(registered['post_logout_redirect_uris']).toEqual([bye]);
  const page = await ask({ client_id: String(registered['client_id']), post_logout_redirect_uri: bye });
  expect((await confirm(page)).url.href).toBe(bye);
  const described = json(await send(`${server.issuer}/.well-known/openid-configuration`));
  expect(described['end_session_endpoint']).toBe(`${server.issuer}/logout`);
});
