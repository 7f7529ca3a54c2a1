import { revokeGrant } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import {
  type AuthorizationRequest,
  addClient,
  buildRequest,
  callEndpoint,
  introspect,
  keepAccess,
  redeem,
  type TestClient,
} from './support/client.js';
import { encodeForm, type FormFields, header, json, send } from './support/http.js';
import { createOwner, type Owner, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let database: TestDatabase;
let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({ replicas: 2, database });
  client = await addClient(server);
  owner = await createOwner(server);
});
afterAll(async () => {
  await server.close();
  await database.close();
});

interface Asked {
  readonly request: AuthorizationRequest;
  readonly page: Page;
}

/** Opens the consent page of a request for a new grant. The grants of other tests stay as they are. */
async function ask(parameters: Readonly<Record<string, string>> = {}): Promise<Asked> {
  const another = { prompt: 'consent', grant_management_action: 'create' };
  const request = await buildRequest(server, client, { ...another, ...parameters });
  return { request, page: await owner.browser.open(request.url) };
}

const consentOf = (page: Page) => `${page.url.pathname}/consent`;

/** Presses a button of the page. @returns the page to which it finally leads */
async function press(page: Page, decision: 'allow' | 'deny', fields: FormFields = {}): Promise<Page> {
  return owner.browser.submit(page, consentOf(page), { decision, ...keepAccess(page), ...fields });
}

/**
 * Presses a button at one of the replicas, and follows the redirects up to the one to the app. Cookies that the answers
 * set are not kept, as when a navigation is cut off.
 * @returns the URL to which the last redirect leads, or the status and text of the page
 */
async function pressAt(replica: string, page: Page, decision: 'allow' | 'deny' = 'allow'): Promise<string> {
  const body = encodeForm({ ...readForm(page.text, consentOf(page)), decision });
  const request = async (address: string, options: object = {}) => {
    const url = new URL(address, page.url);
    const headers = { host: url.host, accept: 'text/html', cookie: owner.browser.cookieHeader(url) };
    const type = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
    return send(`${replica}${url.pathname}${url.search}`, { ...options, headers: { ...headers, ...type } });
  };
  const posted = await request(consentOf(page), { method: 'POST', body });
  if (posted.status !== 303) return `${posted.status} ${readText(posted.text)}`;
  const first = new URL(header(posted, 'location'), server.issuer);
  if (first.origin !== server.issuer) return first.href;
  const resumed = await request(first.href);
  return header(resumed, 'location') || `${resumed.status} ${readText(resumed.text)}`;
}

async function redeemAt(page: Page, { codeVerifier }: AuthorizationRequest): Promise<Record<string, unknown>> {
  return json(await redeem(server, client, { code: page.url.searchParams.get('code') ?? '', codeVerifier }));
}

async function countGrants(): Promise<number> {
  const grants = server.db.selectFrom('grants').where('account_id', '=', owner.accountId);
  const { count } = await grants
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('status', '=', 'active')
    .executeTakeFirstOrThrow();
  return Number(count);
}

// The ids at the beginning of titles are rows of docs/security.md.
it('C9: pressing Allow twice, or again after going back, leads to the app with the same code', async () => {
  const before = await countGrants();
  const { request, page } = await ask();
  const first = await press(page, 'allow');
  expect(first.url.searchParams.get('code')).toMatch(/^[\w-]{43}$/);
  expect((await press(page, 'allow')).url.href).toBe(first.url.href);
  for (const url of server.urls) expect(await pressAt(url, page)).toBe(first.url.href);
  const back = await owner.browser.open(page.url);
  expect([back.status, readText(back.text)]).toEqual([
    200,
    expect.stringContaining('You’ve already allowed this request from Test App'),
  ]);
  expect(back.text).toContain(first.url.href.replaceAll('&', '&amp;'));
  expect((await redeemAt(first, request))['error']).toBeUndefined();
  expect(await countGrants()).toBe(before + 1);
});

it('C9: pressing Allow at two servers at once makes one grant and one code', async () => {
  const before = await countGrants();
  for (let round = 0; round < 10; round += 1) {
    const { page } = await ask();
    const places = await Promise.all([...server.urls, ...server.urls].map((url) => pressAt(url, page)));
    expect(new Set(places).size).toBe(1);
    expect(places[0]).toContain('https://app.example/callback?code=');
  }
  expect(await countGrants()).toBe(before + 10);
});

async function countDenials(): Promise<number> {
  const events = server.db.selectFrom('audit_events').select('event').where('account_id', '=', owner.accountId);
  return (await events.where('event', '=', 'consent_denied').execute()).length;
}

it('C9: pressing Deny at two servers at once is recorded once', async () => {
  const before = await countDenials();
  for (let round = 0; round < 5; round += 1) {
    const { page } = await ask();
    const places = await Promise.all([...server.urls, ...server.urls].map((url) => pressAt(url, page, 'deny')));
    expect(new Set(places)).toEqual(new Set([expect.stringContaining('error=access_denied')]));
  }
  expect(await countDenials()).toBe(before + 5);
});

it('C9: if more decisions arrive at once than a server has database connections, all of them are answered', async () => {
  const pages: Page[] = [];
  for (let tab = 0; tab < 30; tab += 1) pages.push((await ask()).page);
  const [url = ''] = server.urls;
  const places = await Promise.all(pages.map((page) => pressAt(url, page)));
  expect(new Set(places.map((place) => place.split('=')[0]))).toEqual(new Set(['https://app.example/callback?code']));
  expect(new Set(places).size).toBe(30);
});

it('C9: after the code was redeemed, Allow leads to a page with a link to the app, and the tokens stay valid', async () => {
  const { request, page } = await ask();
  const tokens = await redeemAt(await press(page, 'allow'), request);
  const again = await press(page, 'allow');
  expect([again.status, again.url.origin]).toEqual([200, server.issuer]);
  expect(again.text).toContain('href="https://app.example"');
  expect(again.text).not.toContain('code=');
  expect(await introspect(server, String(tokens['access_token']))).toMatchObject({ active: true });
});

it('C9: a different decision after the app got the first one leads to a page that shows the first and where to change it', async () => {
  const { request, page } = await ask();
  const first = await press(page, 'allow');
  const before = await countGrants();
  for (const other of [await press(page, 'deny'), await press(page, 'allow', { max_requests: '3' })]) {
    expect([other.status, other.url.origin]).toEqual([200, server.issuer]);
    expect(readText(other.text)).toContain('You’ve already allowed this request from Test App');
    expect(other.text).toMatch(/href="\/account\/grants\/[\w-]{43}"/);
  }
  expect(await countGrants()).toBe(before);
  const details = (await redeemAt(first, request))['authorization_details'] as readonly Record<string, unknown>[];
  expect(details[0]).not.toHaveProperty('max_requests');
});

it('C9: a different decision before the app got the first one replaces it, and only its grant stays', async () => {
  const before = await countGrants();
  const allow = async (page: Page, fields: FormFields = {}) =>
    owner.browser.submit(page, consentOf(page), { decision: 'allow', ...fields }, { follow: false });
  const denied = await ask();
  await allow(denied.page);
  const back = await press(denied.page, 'deny');
  expect(back.url.searchParams.get('error')).toBe('access_denied');
  expect(await countGrants()).toBe(before);
  const narrowed = await ask();
  await allow(narrowed.page);
  const tokens = await redeemAt(await press(narrowed.page, 'allow', { max_requests: '3' }), narrowed.request);
  expect(tokens['authorization_details']).toMatchObject([{ max_requests: 3 }]);
  expect(await countGrants()).toBe(before + 1);
});

it('C9: pressing Deny twice leads to the app with the same error; Allow after that leads to a page', async () => {
  const { page } = await ask();
  const first = await press(page, 'deny');
  expect(first.url.searchParams.get('error')).toBe('access_denied');
  expect((await press(page, 'deny')).url.href).toBe(first.url.href);
  const before = await countGrants();
  const allowed = await press(page, 'allow');
  expect([allowed.status, readText(allowed.text)]).toEqual([
    200,
    expect.stringContaining('connect again from the app'),
  ]);
  expect(await countGrants()).toBe(before);
});

it('C9: a decision is repeated only to its owner in the same browser, and not after its grant was revoked', async () => {
  const { page } = await ask();
  await press(page, 'allow');
  const stranger = await createOwner(server);
  expect((await stranger.browser.open(page.url)).status).toBe(400);
  // The same browser, with another account.
  const own = owner.browser.cookies.get('aipassport_owner;/');
  const other = stranger.browser.cookies.get('aipassport_owner;/');
  if (own === undefined || other === undefined) throw new Error('nobody is signed in');
  owner.browser.cookies.set('aipassport_owner;/', other);
  expect((await owner.browser.open(page.url)).status).toBe(400);
  owner.browser.cookies.set('aipassport_owner;/', own);
  expect((await owner.browser.open(page.url)).status).toBe(200);
  const rows = await server.db
    .selectFrom('artifacts')
    .select('payload')
    .where('model', '=', 'InteractionAnswer')
    .execute();
  expect(JSON.stringify(rows)).not.toContain('app.example');
  const { id: grantId } = await server.db
    .selectFrom('grants')
    .select('id')
    .where('account_id', '=', owner.accountId)
    .orderBy('created_at', 'desc')
    .executeTakeFirstOrThrow();
  await revokeGrant(server.db, { grantId, reason: 'owner', revokedBy: owner.accountId });
  const again = await press(page, 'allow');
  expect([again.status, again.url.origin]).toEqual([400, server.issuer]);
});

it('C9: signing out while the page is open ends the request: no grant is made, and the page has a link to start again', async () => {
  const { page } = await ask();
  const grants = await owner.browser.open('/account/apps');
  await owner.browser.submit(grants, '/account/sign-out');
  const sent = await press(page, 'allow');
  expect(sent.url.pathname).toBe('/account/sign-in');
  const before = await countGrants();
  await signIn(owner.browser, owner.email);
  const again = await owner.browser.open(page.url);
  expect([again.status, readText(again.text)]).toEqual([400, expect.stringContaining('Start again')]);
  const pressed = await press(page, 'allow');
  expect(pressed.status).toBe(400);
  expect(await countGrants()).toBe(before);
  const [, restart = ''] = /<a role="button" href="([^"]+)"/.exec(pressed.text) ?? [];
  const restarted = await owner.browser.open(restart.replaceAll('&amp;', '&'));
  expect((await press(restarted, 'allow')).url.searchParams.get('code')).not.toBeNull();
  expect((await press((await ask()).page, 'allow')).url.searchParams.get('code')).not.toBeNull();
});

it.each(['allow', 'deny'] as const)(
  'A20: a pushed request that was opened in two tabs leads to one decision, even minutes later: %s',
  async (decision) => {
    const { url } = await buildRequest(server, client, { prompt: 'consent' });
    const pushed = json(await callEndpoint(`${server.issuer}/par`, client, Object.fromEntries(url.searchParams)));
    const opened = `/authorize?client_id=${client.id}&request_uri=${encodeURIComponent(String(pushed['request_uri']))}`;
    const tabs = [await owner.browser.open(opened), await owner.browser.open(opened)] as const;
    const passMinutes = async () => {
      await database.query(
        `update artifacts set expires_at = expires_at - interval '5 minutes', payload = payload || '{"exp": 1}'
        where model = 'PushedAuthorizationRequest'`,
      );
      await database.query('delete from artifacts where expires_at < now()');
    };
    await passMinutes();
    const before = await countGrants();
    const first = await press(tabs[0], decision);
    expect(first.url.searchParams.has(decision === 'allow' ? 'code' : 'error')).toBe(true);
    await passMinutes();
    const second = await press(tabs[1], 'allow');
    const grants = before + (decision === 'allow' ? 1 : 0);
    expect([second.status, second.url.origin, await countGrants()]).toEqual([400, server.issuer, grants]);
    for (const page of [second, await owner.browser.open(tabs[1].url)]) {
      expect(readText(page.text)).toContain('You’ve already answered this request from Test App in another tab');
      expect(page.text).toContain('href="https://app.example"');
    }
    // A new tab cannot open the request either.
    expect((await owner.browser.open(opened)).url.pathname).not.toMatch(/^\/interaction\//);
  },
);

it('C9: after a sign-out, the page of a pushed request leads back to the app, which alone can ask again', async () => {
  const { url, state } = await buildRequest(server, client, { prompt: 'consent' });
  const pushed = json(await callEndpoint(`${server.issuer}/par`, client, Object.fromEntries(url.searchParams)));
  const opened = `/authorize?client_id=${client.id}&request_uri=${encodeURIComponent(String(pushed['request_uri']))}`;
  const page = await owner.browser.open(opened);
  await owner.browser.submit(await owner.browser.open('/account/apps'), '/account/sign-out');
  await signIn(owner.browser, owner.email);
  const ended = await owner.browser.open(page.url);
  const text = readText(ended.text);
  expect([ended.status, text]).toEqual([400, expect.stringContaining('You signed out while this request was open')]);
  expect(text).toContain('Go back to Test App and connect again there.');
  const [, back = ''] = /<a role="button" href="([^"]+)"/.exec(ended.text) ?? [];
  const returned = new URL(back.replaceAll('&amp;', '&'));
  expect([returned.origin, returned.searchParams.get('error'), returned.searchParams.get('state')]).toEqual([
    'https://app.example',
    'access_denied',
    state,
  ]);
});

it.each(['a new grant', 'a change of a grant'])(
  'A20: a pushed request for %s that is denied in two tabs at once, at two servers, is recorded once',
  async (kind) => {
    const asked = await ask();
    const answer = await redeemAt(await press(asked.page, 'allow'), asked.request);
    const update = {
      grant_management_action: 'update',
      grant_id: String(answer['grant_id']),
      scope: 'model:o3 cap:chat',
    };
    const parameters = kind === 'a new grant' ? { prompt: 'consent' } : update;
    const before = await countDenials();
    for (let round = 0; round < 5; round += 1) {
      const { url } = await buildRequest(server, client, parameters);
      const pushed = json(await callEndpoint(`${server.issuer}/par`, client, Object.fromEntries(url.searchParams)));
      const opened = `/authorize?client_id=${client.id}&request_uri=${encodeURIComponent(String(pushed['request_uri']))}`;
      const tabs = [await owner.browser.open(opened), await owner.browser.open(opened)];
      const places = await Promise.all(tabs.map((tab, at) => pressAt(server.urls[at] ?? '', tab, 'deny')));
      expect(places.some((place) => place.includes('error=access_denied'))).toBe(true);
    }
    expect(await countDenials()).toBe(before + 5);
  },
);

/** Simulates that this number of minutes has passed since the consent, and removes everything that has expired. */
async function clean(minutes: number): Promise<void> {
  const earlier = `interval '${minutes} minutes'`;
  await database.query(`update unredeemed_grants set created_at = created_at - ${earlier}`);
  await database.query(`update artifacts set expires_at = expires_at - ${earlier} where grant_id is not null`);
  await database.query('delete from maintenance');
  for (const table of ['artifacts', 'unredeemed_grants'])
    await database.query("select delete_expired($1, 'test')", [table]);
}

it('C10: a grant whose code is never redeemed ends with the code, and a grant whose code was redeemed stays', async () => {
  const redeemed = await ask();
  const tokens = await redeemAt(await press(redeemed.page, 'allow'), redeemed.request);
  await clean(3); // removes the unredeemed grants of the tests before this one
  const before = await countGrants();
  const [unredeemed, unfollowed] = [await ask(), await ask()];
  const back = await press(unredeemed.page, 'allow');
  await owner.browser.submit(
    unfollowed.page,
    consentOf(unfollowed.page),
    { decision: 'allow', ...keepAccess(unfollowed.page) },
    { follow: false },
  );
  expect(await countGrants()).toBe(before + 2);
  await clean(0);
  expect(await countGrants()).toBe(before + 2);
  await clean(3);
  expect(await countGrants()).toBe(before);
  expect((await redeemAt(back, unredeemed.request))['error']).toBe('invalid_grant');
  expect((await press(unredeemed.page, 'allow')).status).toBe(400);
  expect(await introspect(server, String(tokens['access_token']))).toMatchObject({ active: true });
  const audit = await database.query("select id from audit_events where event = 'grant_not_redeemed'");
  expect(audit.length).toBeGreaterThanOrEqual(2);
  expect(await database.query('select grant_id from unredeemed_grants')).toEqual([]);
  // An owner who opens the old URL again is asked again.
  const resumed = await owner.browser.open(unfollowed.page.url.pathname.replace('/interaction/', '/authorize/'));
  expect(resumed.url.pathname).toMatch(/^\/interaction\//);
});

it('C10: if the owner signed in after the request began, the URL of its first page leads to the same consent page', async () => {
  const browser = new Browser(server.issuer);
  const request = await buildRequest(server, client, { prompt: 'consent' });
  const page = await browser.open(request.url);
  const consent = await browser.submit(page, '/account/sign-in', {
    email: owner.email,
    password: 'correct horse battery staple 42',
  });
  expect(consent.url.pathname).toMatch(/^\/interaction\//);
  // The earlier page, to which the browser goes back.
  const before = String(page.url.searchParams.get('return_to'));
  expect((await browser.open(before)).url.pathname).toBe(consent.url.pathname);
});
