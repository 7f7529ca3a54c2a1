import { waitPastMidnight } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { apiEndpoints } from '../src/api-endpoints.js';
import { apiOperations, callApi, makeToken } from './support/account-api.js';
import { addClient, appPathOf, connect, type TestClient } from './support/client.js';
import { registerClient } from './support/own-client.js';
import { createOwner, getLastGrant, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let server: TestServer;
let owner: Owner;
let token: string;
let client: TestClient;
let appId: string;
let grantId: string;
/** The month in which the app used its access, as `YYYY-MM`. */
let usedIn: string;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  owner = await createOwner(server);
  token = await makeToken(owner);
  client = await addClient(server, { name: 'Recipe Helper' });
  await connect(server, owner.browser, client, {}, { max_cost_usd: '2', max_requests: '400' });
  const grant = await getLastGrant(server, owner);
  grantId = grant.id;
  appId = appPathOf(client).split('/').at(-1) ?? '';
  await waitPastMidnight();
  usedIn = new Date().toISOString().slice(0, 7);
  for (let request = 0; request < 102; request += 1)
    await useGrant(server, grant, { cost: 10_000n, estimate: 10_000n });
  await useGrant(server, grant, { estimate: 500_000_000n });
});
beforeEach(waitPastMidnight);
afterAll(() => server.close());

const get = <T = Record<string, unknown>>(path: string, request = {}) =>
  callApi<T>(server, token, `GET ${path}`, request);

it('every operation of the JSON API needs one permission, and the table of endpoints names the same one as openapi/', () => {
  expect(apiOperations.length).toBeGreaterThan(10);
  const specified = apiOperations.map(({ method, template, scope }) => [`${method} ${template}`, scope]);
  const table = Object.values(apiEndpoints).flatMap(({ path, scopes }) =>
    Object.entries(scopes).map(([method, scope]) => [`${method} ${path.replace(/:(\w+)/, '{$1}')}`, scope]),
  );
  expect(Object.fromEntries(specified)).toEqual(Object.fromEntries(table));
  for (const [, scope] of specified) expect(['read', 'manage', 'developer', 'operator']).toContain(scope);
});

it('every operation is refused without a token, and with a token that lacks its permission', async () => {
  for (const { method, template, scope } of apiOperations) {
    const operation = `${method} ${template}`;
    const request = { value: 'some-value', ...(/POST|PATCH/.test(method) ? { body: {} } : {}) };
    expect([operation, (await callApi(server, '', operation, request)).status]).toEqual([operation, 401]);
    if (scope === 'read') continue;
    const refused = await callApi(server, token, operation, request);
    expect([operation, refused.status, refused.body['error']]).toEqual([operation, 403, 'insufficient_scope']);
    expect(refused.headers['www-authenticate']).toBe(`Bearer error="insufficient_scope", scope="${scope}"`);
  }
});

it('reads the account, its limit and the token of the request', async () => {
  const { body } = await get('/api/account');
  expect(body).toMatchObject({
    account_id: owner.accountId,
    email: owner.email,
    time_zone: 'UTC',
    language: null,
    is_operator: false,
    limit: null,
    sign_in: { has_authenticator: false, recovery_codes: 0 },
    token: { scopes: ['read'] },
  });
});

it('reads the usage of a month by app, model and day', async () => {
  const { body } = await get<{ days: unknown[] }>('/api/account/usage', { query: { month: usedIn } });
  const sum = { cost_usd: '0.00102', requests: 102 };
  expect(body).toMatchObject({
    total: sum,
    apps: [{ app_id: appId, client_id: client.id, name: 'Recipe Helper', ...sum }],
    models: [{ upstream: 'openai', model: 'gpt-4o', ...sum }],
  });
  expect(body.days).toHaveLength(1);
  expect((await get('/api/account/usage')).body['month']).toBe(new Date().toISOString().slice(0, 7));
  expect((await get('/api/account/usage', { query: { month: '2020-01' } })).body).toMatchObject({
    month: '2020-01',
    total: { cost_usd: '0', requests: 0 },
    apps: [],
  });
  const wrong = await get('/api/account/usage', { query: { month: '2026-13' } });
  expect([wrong.status, wrong.body['error'], wrong.body['member']]).toEqual([400, 'invalid_request', 'month']);
});

it('reads the usage of one app in a month by model and day, and in each month up to that one', async () => {
  const path = '/api/account/apps/{app_id}/usage';
  const sum = { cost_usd: '0.00102', requests: 102 };
  type Usage = { readonly days: readonly { readonly day: string }[] };
  const { body } = await get<Usage>(path, { value: appId, query: { month: usedIn } });
  expect(body).toMatchObject({
    month: usedIn,
    time_zone: 'UTC',
    total: sum,
    simulated: { cost_usd: '0', requests: 0 },
    models: [{ upstream: 'openai', model: 'gpt-4o', ...sum }],
    months: [{ month: usedIn, ...sum }],
  });
  expect(body.days.map(({ day }) => day.slice(0, 7))).toEqual([usedIn]);
  const empty = { total: { cost_usd: '0', requests: 0 }, models: [], days: [], months: [] };
  for (const month of ['2020-01', '0001-01'])
    expect((await get(path, { value: appId, query: { month } })).body).toMatchObject({ month, ...empty });
  const later = `${Number(usedIn.slice(0, 4)) + 1}${usedIn.slice(4)}`;
  expect((await get(path, { value: appId, query: { month: later } })).body).toMatchObject(empty);
  const wrong = await get(path, { value: appId, query: { month: '2026-13' } });
  expect([wrong.status, wrong.body['member']]).toEqual([400, 'month']);
});

it('reads where an app receives its access, whether it is verified, which limit it has reached, and when that limit starts again', async () => {
  const somebody = await createOwner(server);
  const theirs = await makeToken(somebody);
  const app = await addClient(server, { name: 'Small Budget' });
  await connect(server, somebody.browser, app, {}, { max_cost_usd: '2', max_cost_usd_per_day: '0.5' });
  const grant = await getLastGrant(server, somebody);
  await useGrant(server, grant, { cost: 500_000_000n, estimate: 500_000_000n });
  type Apps = { readonly apps: readonly { readonly limit_reached_until: string }[] };
  const { body } = await callApi<Apps>(server, theirs, 'GET /api/account/apps');
  const places = [{ kind: 'web', name: new URL(app.redirectUri).host }];
  expect(body.apps).toMatchObject([{ name: 'Small Budget', is_verified: true, places, is_exhausted: false }]);
  const until = body.apps[0]?.limit_reached_until;
  expect(until).toMatch(/T00:00:00.000Z$/);
  const value = appPathOf(app).split('/').at(-1) ?? '';
  const one = await callApi(server, theirs, 'GET /api/account/apps/{app_id}', { value });
  expect(one.body).toMatchObject({
    is_verified: true,
    places,
    grants: [{ limit_reached: { limit: 'max_cost_usd_per_day', until } }],
  });
  const same = await callApi(server, theirs, 'GET /api/account/grants/{grant_id}', { value: grant.id });
  expect(same.body).toMatchObject({ limit_reached: { limit: 'max_cost_usd_per_day', until } });
  const usable = await get('/api/account/apps');
  expect(usable.body).toMatchObject({ apps: [{ limit_reached_until: null }] });
});

it('reads whether an authenticator app is on, and how many recovery codes are left', async () => {
  const somebody = await createOwner(server);
  const theirs = await makeToken(somebody);
  const path = '/account/recovery-codes';
  const page = await somebody.browser.submit(await somebody.browser.open(path), path, { asked: 'yes' });
  expect(page.status).toBe(200);
  const { body } = await callApi(server, theirs, 'GET /api/account');
  expect(body).toMatchObject({ sign_in: { has_authenticator: false, recovery_codes: 10 } });
  const app = { account_id: somebody.accountId, sealed_secret: 'sealed', confirmed_at: new Date() };
  await server.db.insertInto('authenticator_apps').values(app).execute();
  const after = await callApi(server, theirs, 'GET /api/account');
  expect(after.body).toMatchObject({ sign_in: { has_authenticator: true, recovery_codes: 10 } });
});

it('reads the connected apps, one app, and one grant', async () => {
  const apps = await get('/api/account/apps');
  expect(apps.body).toMatchObject({
    apps: [{ app_id: appId, name: 'Recipe Helper', spent_usd: '0.00102', max_cost_usd: '2', open_requests: 1 }],
    past_apps: [],
  });
  const grant = {
    grant_id: grantId,
    state: 'active',
    limits: { max_cost_usd: '2', max_requests: 400 },
    parent_grant_id: null,
  };
  const app = await get('/api/account/apps/{app_id}', { value: appId });
  expect(app.body).toMatchObject({
    name: 'Recipe Helper',
    grants: [grant],
    page: `${server.issuer}/account/apps/${appId}`,
  });
  const one = await get('/api/account/grants/{grant_id}', { value: grantId });
  expect(one.body).toMatchObject({ ...grant, app_id: appId, used: { held_usd: '0.5' } });
});

it('reads the requests of an app page by page; no request is on two pages', async () => {
  const path = '/api/account/apps/{app_id}/requests';
  type Page = { readonly requests: readonly { readonly request_id: string }[]; readonly next: string | null };
  const first = await get<Page>(path, { value: appId });
  const second = await get<Page>(path, { value: appId, query: { cursor: first.body.next ?? '' } });
  expect([first.body.requests.length, second.body.requests.length, second.body.next]).toEqual([100, 2, null]);
  const ids = [...first.body.requests, ...second.body.requests].map(({ request_id: id }) => id);
  expect(new Set(ids).size).toBe(102);
  expect((await get(path, { value: appId, query: { cursor: 'nonsense' } })).status).toBe(400);
});

it('reads sessions, identities, tokens, and only the last characters of provider keys', async () => {
  const jwe = { sealing_key_id: 'px', jwe: 'sealed-text', version: 1, last_four: 'a1b2' };
  await server.db
    .insertInto('provider_keys')
    .values({ id: 'key-1', account_id: owner.accountId, upstream: 'openai', host: 'api.openai.com', ...jwe })
    .execute();
  await server.db
    .insertInto('spare_provider_keys')
    .values({ ...jwe, id: 'key-2', account_id: owner.accountId, upstream: 'openai', host: 'api.openai.com', place: 1 })
    .execute();
  await server.db.updateTable('spare_provider_keys').set({ last_four: 'c3d4', name: 'Home', version: 2 }).execute();
  const keys = await get('/api/account/provider-keys');
  expect(keys.body).toMatchObject({
    provider_keys: [{ upstream: 'openai', last_four: 'a1b2', name: null, refused: null, tested: null }],
    spare_keys: [{ key_id: 'key-2', upstream: 'openai', last_four: 'c3d4', name: 'Home', tested: null }],
  });
  expect(keys.text).not.toContain('sealed-text');
  const { total } = (await get<{ total: object }>('/api/account/usage')).body; // all with keys of the owner
  expect(keys.body['providers']).toEqual(
    expect.arrayContaining([
      { upstream: 'openai', key: 'own_unchecked', usable_from: null, own_key_month: total },
      { upstream: 'anthropic', key: 'missing', usable_from: null, own_key_month: { cost_usd: '0', requests: 0 } },
    ]),
  );
  expect((await get<{ sessions: unknown[] }>('/api/account/sessions')).body.sessions).toHaveLength(1);
  expect((await get('/api/account/identities')).body).toEqual({ identities: [] });
  const tokens = await get('/api/account/tokens');
  expect(tokens.body).toMatchObject({
    tokens: [{ name: 'Dashboard', scopes: ['read'], is_current: true, is_expired: false }],
  });
  expect(tokens.text).not.toContain(token);
});

it('reads the activity with the filters of the page', async () => {
  type Page = { readonly events: readonly { readonly event: string; readonly description: string }[] };
  const all = await get<Page>('/api/account/activity');
  expect(all.body.events.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['consent_given', 'account_token_created', 'account_created']),
  );
  const apps = await get<Page>('/api/account/activity', { query: { kind: 'apps', client_id: client.id } });
  expect(apps.body.events).toMatchObject([
    { event: 'consent_given', description: 'You gave access', app: 'Recipe Helper' },
  ]);
  const wrong = await get('/api/account/activity', { query: { kind: 'everything' } });
  expect([wrong.status, wrong.body['member']]).toEqual([400, 'kind']);
});

it('reads the apps that the owner registered, with their usage', async () => {
  const registered = await registerClient(owner.browser);
  const { id, secret = '' } = registered;
  const list = await get('/api/account/clients');
  expect(list.body).toMatchObject({ clients: [{ client_id: id, name: 'My App', type: 'web', has_secret: true }] });
  const one = await get('/api/account/clients/{client_id}', { value: id });
  expect(one.body).toMatchObject({ client_id: id, usage: { owners: 0, live_grants: 0, cost_usd: '0' } });
  await connect(server, (await createOwner(server)).browser, registered);
  const few = await get('/api/account/clients/{client_id}', { value: id });
  expect(few.body['usage']).toMatchObject({ owners: null, live_grants: null, cost_usd: null, simulated: null });
  expect(list.text + one.text).not.toContain(secret);
});

it('answers 404 for an app, a grant or a registered app of another account', async () => {
  const stranger = await createOwner(server);
  const { id } = await registerClient(stranger.browser);
  const theirs = await makeToken(stranger);
  for (const [path, value] of [
    ['/api/account/apps/{app_id}', appId],
    ['/api/account/apps/{app_id}/requests', appId],
    ['/api/account/grants/{grant_id}', grantId],
  ] as const)
    expect([path, (await callApi(server, theirs, `GET ${path}`, { value })).status]).toEqual([path, 404]);
  expect((await get('/api/account/clients/{client_id}', { value: id })).status).toBe(404);
});

it('a token that may manage the account can remove tokens, including itself', async () => {
  const somebody = await createOwner(server);
  const first = await makeToken(somebody, ['manage'], 'First');
  const second = await makeToken(somebody, [], 'Second');
  type List = { readonly tokens: readonly { readonly token_id: string; readonly name: string }[] };
  const { body } = await callApi<List>(server, first, 'GET /api/account/tokens');
  const remove = (name: string, replica: number) => {
    const value = body.tokens.find((one) => one.name === name)?.token_id ?? '';
    return callApi(server, first, 'DELETE /api/account/tokens/{token_id}', { value, replica });
  };
  expect((await remove('Second', 0)).status).toBe(204);
  expect((await callApi(server, second, 'GET /api/account', { replica: 1 })).status).toBe(401);
  expect((await remove('Second', 1)).status).toBe(404);
  expect((await remove('First', 1)).status).toBe(204);
  expect((await callApi(server, first, 'GET /api/account')).status).toBe(401);
});
