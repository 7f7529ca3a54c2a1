import { insertInvitation, insertPasskey, setMayInvite } from '@aipassport/store/authorization';
import { noteKeyTest, takeKeyTests } from '@aipassport/store/proxying';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { callApi, makeToken } from './support/account-api.js';
import { addClient, appPathOf, connect, type TestClient } from './support/client.js';
import { send } from './support/http.js';
import { createOwner, getLastGrant, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';
import { waitUntil } from './support/wait-until.js';

let server: TestServer;
let client: TestClient;
let owner: Owner;
let token: string;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  client = await addClient(server, { name: 'Recipe Helper' });
});
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createOwner(server);
  token = await makeToken(owner, ['manage']);
});

const call = (operation: string, request = {}) => callApi(server, token, operation, request);
const tokenId = async () =>
  (
    await server.db
      .selectFrom('account_tokens')
      .select('id')
      .where('account_id', '=', owner.accountId)
      .executeTakeFirstOrThrow()
  ).id;
const lastEvent = async () =>
  server.db
    .selectFrom('audit_events')
    .select(['event', 'detail'])
    .where('account_id', '=', owner.accountId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
/** Expects that the owner's last event is of this kind and names the token. */
const expectAudited = async (event: string) =>
  expect(await lastEvent()).toMatchObject({ event, detail: { api_token: await tokenId() } });

async function giveAccess(fields = {}) {
  await connect(server, owner.browser, client, {}, { max_cost_usd: '2', max_requests: '40', ...fields });
  return getLastGrant(server, owner);
}
const appId = () => appPathOf(client).split('/').at(-1) ?? '';
const lower = (grantId: string, body: object, replica = 0) =>
  call('PATCH /api/account/grants/{grant_id}', { value: grantId, body, replica });

it('the API removes the access of one app, whose requests are refused from then on', async () => {
  const grant = await giveAccess();
  await useGrant(server, grant);
  const ended = await call('DELETE /api/account/apps/{app_id}', { value: appId() });
  expect([ended.status, ended.body]).toEqual([200, { apps: 1, grants: 1, tokens: 2, requests: 1 }]);
  expect(await useGrant(server, grant)).not.toBe('admitted');
  await expectAudited('grant_revoked');
  expect((await lastEvent()).detail).toMatchObject({ reason: 'owner', by: owner.accountId });
  expect((await call('DELETE /api/account/apps/{app_id}', { value: appId(), replica: 1 })).body).toMatchObject({
    grants: 0,
  });
});

it('the API removes the access of all apps', async () => {
  await giveAccess();
  const other = await addClient(server);
  await connect(server, owner.browser, other, {}, { max_cost_usd: '1' });
  expect((await call('DELETE /api/account/apps')).body).toEqual({ apps: 2, grants: 2, tokens: 4, requests: 0 });
  expect((await call('GET /api/account/apps')).body).toMatchObject({ apps: [], past_apps: [{}, {}] });
});

it('the API ends one grant; a repeat gets the same answer, and a grant of another account is answered as unknown', async () => {
  const grant = await giveAccess();
  const stranger = await makeToken(await createOwner(server), ['manage']);
  const operation = 'DELETE /api/account/grants/{grant_id}';
  expect((await callApi(server, stranger, operation, { value: grant.id })).status).toBe(404);
  expect((await getLastGrant(server, owner)).status).toBe('active');
  expect((await call(operation, { value: grant.id })).status).toBe(204);
  await expectAudited('grant_revoked');
  expect((await call(operation, { value: grant.id, replica: 1 })).status).toBe(204);
  expect((await getLastGrant(server, owner)).status).toBe('revoked');
});

it('the API lowers limits, ends a grant earlier and removes models; members that the body leaves out stay as they are', async () => {
  const grant = await giveAccess();
  const expires_at = new Date(Date.now() + 600_000).toISOString();
  const lowered = await lower(grant.id, { limits: { max_cost_usd: '0.50', max_streams: 1 }, expires_at });
  expect(lowered.body).toMatchObject({ limits: { max_cost_usd: '0.5', max_requests: 40, max_streams: 1 }, expires_at });
  await expectAudited('limits_changed');
  const narrowed = await lower(grant.id, { scope: 'model:gpt-4o cap:chat' }, 1);
  expect(narrowed.body).toMatchObject({
    scope: 'model:gpt-4o cap:chat',
    limits: { max_cost_usd: '0.5', max_requests: 40 },
  });
  expect((await lower(grant.id, { limits: { max_streams: 1 } })).status).toBe(200);
});

it.each([
  ['a higher limit', { limits: { max_cost_usd: '2.01' } }],
  ['one limit lower and another higher', { limits: { max_cost_usd: '1', max_requests: 41 } }],
  ['a later end', { expires_at: new Date(Date.now() + 30 * 86_400_000).toISOString() }],
  ['another model', { scope: 'model:gpt-4o model:gpt-4.1 cap:chat' }],
])('%s is refused, and the answer names the page where the owner can make this change', async (_name, body) => {
  const grant = await giveAccess();
  const refused = await lower(grant.id, body);
  expect([refused.status, refused.body]).toEqual([
    403,
    {
      error: 'raise_refused',
      error_description: expect.stringContaining('the owner must sign in'),
      see: `${server.issuer}/account/grants/${grant.id}/limits`,
    },
  ]);
  expect((await call('GET /api/account/grants/{grant_id}', { value: grant.id })).body).toMatchObject({
    limits: { max_cost_usd: '2', max_requests: 40 },
  });
});

it.each([
  ['an empty change', {}, 'body'],
  ['an unknown member', { max_cost_usd: '1' }, 'max_cost_usd'],
  ['a limit of zero requests', { limits: { max_requests: 0 } }, 'limits.max_requests'],
  ['a limit of zero dollars', { limits: { max_cost_usd: '0' } }, 'limits.max_cost_usd'],
  ['an amount that is a number', { limits: { max_cost_usd: 1 } }, 'limits.max_cost_usd'],
  ['a time without a zone', { expires_at: '2026-11-29' }, 'expires_at'],
  ['a leap second', { expires_at: '2027-12-31T23:59:60Z' }, 'expires_at'],
  ['a zone without minutes', { expires_at: '2027-12-30T10:00:00+05' }, 'expires_at'],
  ['an end in the past', { expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
  ['a scope without a model', { scope: 'cap:chat' }, 'scope'],
])('a change of a grant with %s is refused, and the answer names the member', async (_name, body, member) => {
  const grant = await giveAccess();
  const refused = await lower(grant.id, body);
  expect([refused.status, refused.body['error'], refused.body['member']]).toEqual([400, 'invalid_request', member]);
});

it('one answer names every wrong member of a change of a grant', async () => {
  const grant = await giveAccess();
  const refused = await lower(grant.id, {
    limits: { max_requests: 0, max_cost_usd: '0', max_cost_usd_per_day: '0' },
    expires_at: '2020-01-01T00:00:00Z',
    scope: 'cap:chat',
  });
  expect(refused.status).toBe(400);
  expect(refused.body['errors']).toMatchObject([
    { member: 'limits.max_requests' },
    { member: 'limits.max_cost_usd' },
    { member: 'limits.max_cost_usd_per_day' },
    { member: 'scope' },
    { member: 'expires_at' },
  ]);
  expect((await lower(grant.id, { scope: 7, expires_at: '2027-12-31T23:59:60Z' })).body['errors']).toMatchObject([
    { member: 'scope' },
    { member: 'expires_at' },
  ]);
});

it('a body that is not JSON, or is sent with another content type, is refused', async () => {
  const grant = await giveAccess();
  const url = `${server.issuer}/api/account/grants/${grant.id}`;
  for (const [type, body] of [
    ['application/json', '{'],
    ['text/plain', '{"limits":{"max_streams":1}}'],
    ['application/x-www-form-urlencoded', 'scope=x'],
  ] as const) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    const answer = await send(url, { method: 'PATCH', headers, body });
    expect([type, answer.status, JSON.parse(answer.text)]).toEqual([
      type,
      400,
      expect.objectContaining({ error: 'invalid_request' }),
    ]);
  }
});

it('a grant that has ended cannot be changed', async () => {
  const grant = await giveAccess();
  await call('DELETE /api/account/grants/{grant_id}', { value: grant.id });
  expect((await lower(grant.id, { limits: { max_streams: 1 } })).status).toBe(409);
});

it('of many concurrent changes of one limit, none raises it', async () => {
  const grant = await giveAccess({ max_requests: '100' });
  const counts = Array.from({ length: 12 }, (_, index) => 90 - index * 5);
  await Promise.all(counts.map((max_requests, index) => lower(grant.id, { limits: { max_requests } }, index % 2)));
  const events = await server.db
    .selectFrom('audit_events')
    .select('detail')
    .where('grant_id', '=', grant.id)
    .where('event', '=', 'limits_changed')
    .orderBy('id')
    .execute();
  const set = events.map(({ detail }) => Number((detail as Record<string, unknown>)['max_requests']));
  expect(set).toEqual(set.toSorted((a, b) => b - a));
  expect((await call('GET /api/account/grants/{grant_id}', { value: grant.id })).body).toMatchObject({
    limits: { max_requests: set.at(-1) },
  });
});

it('the API sets the language, and sets or lowers the overall limit, but does not raise it', async () => {
  const change = (body: object) => call('PATCH /api/account', { body });
  expect((await change({ language: 'de' })).body).toMatchObject({ language: 'de' });
  expect((await change({ max_cost_usd_per_month: '5' })).body).toMatchObject({
    limit: { max_cost_usd_per_month: '5' },
    language: 'de',
  });
  await expectAudited('account_limit_changed');
  const raised = await change({ max_cost_usd_per_month: '5.01', language: null });
  expect([raised.status, raised.body['see']]).toEqual([403, `${server.issuer}/account/settings`]);
  expect((await call('GET /api/account', { replica: 1 })).body).toMatchObject({
    language: 'de',
    limit: { max_cost_usd_per_month: '5' },
  });
  for (const [body, member] of [
    [{ language: 'tlh' }, 'language'],
    [{ max_cost_usd_per_month: '0' }, 'max_cost_usd_per_month'],
    [{ time_zone: 'Asia/Tokyo' }, 'time_zone'],
  ] as const)
    expect((await change(body)).body).toMatchObject({ error: 'invalid_request', member });
});

it('one answer names every wrong member of a change of the account', async () => {
  const body = { language: 'tlh', max_cost_usd_per_month: '0', defaults: { max_cost_usd: '0', lifetime_seconds: 1 } };
  const refused = await call('PATCH /api/account', { body });
  expect(refused.status).toBe(400);
  expect(refused.body['errors']).toMatchObject([
    { member: 'defaults.lifetime_seconds' },
    { member: 'max_cost_usd_per_month' },
    { member: 'defaults.max_cost_usd' },
    { member: 'language' },
  ]);
  expect((await call('GET /api/account')).body).toMatchObject({ language: null, limit: null });
});

it('the API reads and lowers the defaults for new apps, but does not raise them', async () => {
  const change = (defaults: object, rest: object = {}) => call('PATCH /api/account', { body: { defaults, ...rest } });
  const none = { max_cost_usd: null, lifetime_seconds: null };
  expect((await call('GET /api/account')).body).toMatchObject({ defaults: none });
  expect((await change({ max_cost_usd: '5', lifetime_seconds: 2_592_000 })).status).toBe(200);
  expect((await change(none)).body).toMatchObject({ defaults: none });
  expect((await change({ max_cost_usd: '1.50' })).body).toMatchObject({ defaults: { ...none, max_cost_usd: '1.5' } });
  const lowered = { max_cost_usd: '1.5', lifetime_seconds: 3_600 };
  expect((await change({ lifetime_seconds: 3_600 })).body).toMatchObject({ defaults: lowered });
  for (const raise of [{ max_cost_usd: '1.51' }, { lifetime_seconds: 3_601 }, { max_cost_usd: null }, none]) {
    const refused = await change(raise, { max_cost_usd_per_month: '1', language: 'de' });
    expect(refused).toMatchObject({
      status: 403,
      body: { error: 'raise_refused', see: `${server.issuer}/account/settings` },
    });
  }
  expect((await call('GET /api/account', { replica: 1 })).body).toMatchObject({
    defaults: lowered,
    limit: null,
    language: null,
  });
  for (const [wrong, member] of [
    [{ max_cost_usd: '0' }, 'defaults.max_cost_usd'],
    [{ max_cost_usd: '1,50' }, 'defaults.max_cost_usd'],
    [{ max_cost_usd: '1000001' }, 'defaults.max_cost_usd'],
    [{ lifetime_seconds: 59 }, 'defaults.lifetime_seconds'],
    [{}, 'defaults'],
  ] as const)
    expect((await change(wrong)).body).toMatchObject({ error: 'invalid_request', member });
});

it('the API tests a stored provider key, and gives it a name', async () => {
  const place = 'PATCH /api/account/provider-keys/{upstream}';
  const test = 'POST /api/account/provider-keys/{upstream}/test';
  for (const operation of [place, test])
    expect((await call(operation, { value: 'openai', body: { name: 'x' } })).status).toBe(404);
  await storeKey();
  const asked = call(test, { value: 'openai' });
  await waitUntil(async () => (await takeTest()) !== undefined);
  expect((await asked).body).toMatchObject({ upstream: 'openai', tested: { result: 'accepted' } });
  expect((await call(place, { value: 'openai', body: { name: ' Work ' } })).body).toMatchObject({ name: 'Work' });
  expect((await call(place, { value: 'openai', body: { name: null } })).body).toMatchObject({ name: null });
  const long = await call(place, { value: 'openai', body: { name: 'x'.repeat(61) } });
  expect([long.status, long.body['member']]).toEqual([400, 'name']);
});

/** Takes a requested test of a provider key and notes that the key was accepted, as a resource proxy does. */
async function takeTest() {
  const [test] = await takeKeyTests(server.db, 1);
  if (test !== undefined) await noteKeyTest(server.db, test, 'accepted');
  return test;
}

it('the API lists the passkeys', async () => {
  await insertPasskey(server.db, {
    accountId: owner.accountId,
    credentialId: `credential-${owner.accountId}`,
    publicKey: 'SECRET',
    signCount: 0,
    transports: [],
    name: 'Phone',
  });
  const { body, text } = await call('GET /api/account/passkeys');
  expect(body).toMatchObject({ passkeys: [{ name: 'Phone', last_used_at: null }] });
  expect(text).not.toMatch(/SECRET|credential-/);
});

it('the API withdraws an invitation of the account once; for an invitation of another account it answers 404', async () => {
  await setMayInvite(server.db, owner.accountId, { mayInvite: true });
  const expiresInSeconds = 86_400;
  await insertInvitation(server.db, { createdBy: owner.accountId, note: undefined, expiresInSeconds });
  const { invitations } = (
    await callApi<{ invitations: { invitation_id: string }[] }>(server, token, 'GET /api/account/invitations')
  ).body;
  const value = invitations[0]?.invitation_id;
  const operation = 'DELETE /api/account/invitations/{invitation_id}';
  const stranger = await makeToken(await createOwner(server), ['manage']);
  expect((await callApi(server, stranger, operation, { value: value ?? '' })).status).toBe(404);
  expect((await call(operation, { value })).status).toBe(204);
  await expectAudited('invitation_withdrawn');
  expect((await call(operation, { value, replica: 1 })).status).toBe(404);
});

const storeKey = () =>
  server.db
    .insertInto('provider_keys')
    .values({
      id: `key-${owner.accountId}`,
      account_id: owner.accountId,
      upstream: 'openai',
      sealing_key_id: 'px',
      jwe: 'sealed',
      version: 1,
      last_four: 'a1b2',
      host: 'api.openai.com',
    })
    .execute();

it('the API removes a provider key; a second removal gets 404', async () => {
  await storeKey();
  const operation = 'DELETE /api/account/provider-keys/{upstream}';
  expect((await call(operation, { value: 'openai' })).status).toBe(204);
  await expectAudited('provider_key_deleted');
  expect((await call(operation, { value: 'openai' })).status).toBe(404);
});

it('the API names, tests, puts first and removes a spare provider key of the account', async () => {
  await storeKey();
  const id = `spare-${owner.accountId}`;
  await server.db
    .insertInto('spare_provider_keys')
    .values({
      id,
      account_id: owner.accountId,
      upstream: 'openai',
      place: 1,
      sealing_key_id: 'px',
      jwe: 'sealed',
      version: 2,
      last_four: 'c3d4',
      host: 'api.openai.com',
    })
    .execute();
  const at = '/api/account/spare-keys/{key_id}';
  const stranger = await makeToken(await createOwner(server), ['manage']);
  for (const [operation, body] of [
    [`PATCH ${at}`, { name: 'x' }],
    [`POST ${at}/test`, undefined],
    [`POST ${at}/first`, undefined],
    [`DELETE ${at}`, undefined],
  ] as const) {
    const request = { value: id, ...(body !== undefined && { body }) };
    expect([operation, (await callApi(server, stranger, operation, request)).status]).toEqual([operation, 404]);
  }
  const named = await call(`PATCH ${at}`, { value: id, body: { name: ' Home ' } });
  expect(named.body).toMatchObject({ key_id: id, last_four: 'c3d4', name: 'Home' });
  const asked = call(`POST ${at}/test`, { value: id });
  await waitUntil(async () => (await takeTest()) !== undefined);
  expect((await asked).body).toMatchObject({ key_id: id, tested: { result: 'accepted' } });
  expect((await call(`POST ${at}/first`, { value: id, replica: 1 })).body).toMatchObject({
    upstream: 'openai',
    last_four: 'c3d4',
    name: 'Home',
    tested: { result: 'accepted' },
  });
  await expectAudited('provider_key_put_first');
  expect((await call(`POST ${at}/first`, { value: id })).status).toBe(404);
  const { spare_keys: spare } = (
    await callApi<{ spare_keys: { key_id: string; last_four: string }[] }>(
      server,
      token,
      'GET /api/account/provider-keys',
    )
  ).body;
  expect(spare).toMatchObject([{ key_id: `key-${owner.accountId}`, last_four: 'a1b2' }]);
  expect((await call(`DELETE ${at}`, { value: spare[0]?.key_id ?? '' })).status).toBe(204);
  await expectAudited('provider_key_deleted');
  expect((await call(`DELETE ${at}`, { value: spare[0]?.key_id ?? '' })).status).toBe(404);
});

it('the API ends one session, and all sessions; the API token of the request stays valid', async () => {
  const list = async () =>
    (await callApi<{ sessions: { session_id: string }[] }>(server, token, 'GET /api/account/sessions')).body.sessions;
  const [first] = await list();
  const operation = 'DELETE /api/account/sessions/{session_id}';
  expect((await call(operation, { value: first?.session_id })).status).toBe(204);
  await expectAudited('sessions_ended');
  expect((await owner.browser.open('/account')).url.pathname).toBe('/account/sign-in');
  expect((await call(operation, { value: first?.session_id })).status).toBe(404);
  expect((await call('DELETE /api/account/sessions')).body).toEqual({ sessions: 0 });
});
