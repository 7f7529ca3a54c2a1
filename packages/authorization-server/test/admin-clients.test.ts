import { adminScopes, findClient, readOperatorCaps } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ApiRequest, callApi } from './support/account-api.js';
import { addAdminClient, obtainAdminToken } from './support/admin-client.js';
import { assertClient, type KeyedClient } from './support/assertion.js';
import { addClient, connect, introspect, requestAuthorization } from './support/client.js';
import { postForm } from './support/http.js';
import { registerClient } from './support/own-client.js';
import { createOwner } from './support/owner.js';
import { makeProofKey } from './support/proof.js';
import { startTestServer, type TestServer } from './support/start-server.js';

const dollar = 1_000_000_000n;

let server: TestServer;
let machine: KeyedClient;
let token: string;
beforeAll(async () => {
  const configuration = { operatorCaps: { ofAll: 100n * dollar, ofAccount: 10n * dollar } };
  server = await startTestServer({ replicas: 2, configuration });
  machine = await addAdminClient(server, adminScopes);
  token = (await obtainAdminToken(server, machine, adminScopes)).access_token;
});
afterAll(() => server.close());

const call = <T = Record<string, unknown>>(operation: string, value = '', request: ApiRequest = {}) =>
  callApi<T>(server, token, operation, { value, replica: 1, ...request });

const redirectUri = 'https://notes.example/callback';
interface Created {
  readonly client: { readonly client_id: string } & Readonly<Record<string, unknown>>;
  readonly client_secret: string | null;
}
const create = (body: Readonly<Record<string, unknown>> = {}) =>
  call<Created>('POST /api/admin/clients', '', { body: { name: 'Notes', redirect_uris: [redirectUri], ...body } });
const change = (id: string, body: object, request: ApiRequest = {}) =>
  call('PATCH /api/admin/clients/{client_id}', id, { body, ...request });
const rotate = (id: string, seconds: number, request: ApiRequest = {}) =>
  call<{ client_secret: string }>('POST /api/admin/clients/{client_id}/secrets', id, {
    body: { overlap_seconds: seconds },
    ...request,
  });

async function listActs(clientId: string) {
  const rows = await server.db
    .selectFrom('audit_events')
    .select(['event', 'account_id', 'detail'])
    .where('client_id', '=', clientId)
    .orderBy('id')
    .execute();
  return rows.map(({ detail, ...row }) => ({ ...row, detail: detail as Record<string, unknown> }));
}

const author = () => ({
  by: `admin_client:${machine.client.id}`,
  admin_client: machine.client.id,
  request_id: expect.any(String),
  address: '127.0.0.1',
});

/** Whether the server accepts this secret of the client. */
async function isKnown(id: string, secret: string): Promise<boolean> {
  const form = { grant_type: 'client_credentials', scope: 'grant_management_query', client_id: id };
  return (await postForm(`${server.issuer}/token`, { ...form, client_secret: secret })).status === 200;
}

it('adds a client that owners can connect, and shows its secret once', async () => {
  const { status, body } = await create({ token_endpoint_auth_method: 'client_secret_post' });
  const { client, client_secret: secret } = body;
  expect(status).toBe(201);
  expect(client).toMatchObject({ name: 'Notes', registered_by: 'operator', has_secret: true, admin_scopes: [] });
  expect(await isKnown(client.client_id, secret ?? '')).toBe(true);
  const shown = await call('GET /api/admin/clients/{client_id}', client.client_id);
  expect([shown.body, shown.text.includes(secret ?? '')]).toEqual([client, false]);
  const app = { id: client.client_id, secret: secret ?? '', redirectUri };
  const { browser } = await createOwner(server);
  const { access_token: ofApp } = await connect(server, browser, app);
  expect((await introspect(server, ofApp))['active']).toBe(true);
  expect((await listActs(client.client_id))[0]).toEqual({
    event: 'client_registered',
    account_id: null,
    detail: author(),
  });
});

it('adds clients of each type, and one that signs assertions', async () => {
  for (const type of ['native', 'spa', 'terminal']) {
    const { body } = await create({ type, id_token_signed_response_alg: 'ES256' });
    expect(body).toMatchObject({ client_secret: null, client: { token_endpoint_auth_method: 'none' } });
  }
  const key = await makeProofKey();
  const { body } = await create({ jwks: { keys: [key.publicJwk] }, profile: 'fapi_2_0' });
  expect(body).toMatchObject({
    client_secret: null,
    client: { token_endpoint_auth_method: 'private_key_jwt', profile: 'fapi_2_0' },
  });
});

it.each([
  [{ name: ' ' }, 'name'],
  [{ name: 'a\u202eb' }, 'name'],
  [{ redirect_uris: [] }, 'redirect_uris'],
  [{ redirect_uris: ['http://notes.example/callback'] }, 'redirect_uris'],
  [{ redirect_uris: ['https://*.notes.example/callback'] }, 'redirect_uris'],
  [{ post_logout_redirect_uris: ['javascript:alert(1)'] }, 'post_logout_redirect_uris'],
  [{ client_uri: 'http://notes.example' }, 'client_uri'],
  [{ logo_uri: 'https://a:b@notes.example/logo.png' }, 'logo_uri'],
  [{ jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }, 'jwks'],
  [{ type: 'spa', jwks: { keys: [{ kty: 'EC' }] } }, 'jwks'],
  [{ profile: 'fapi_2_0' }, 'profile'],
  [{ type: 'machine' }, 'type'],
  [{ admin_scopes: 'admin:usage:read' }, 'admin_scopes'],
])('refuses a client with %j, and adds nothing', async (body, member) => {
  const count = async () => (await server.db.selectFrom('clients').select('id').execute()).length;
  const before = await count();
  const refused = await create(body);
  const { member: named } = refused.body as unknown as { readonly member: string };
  expect([refused.status, named.split(/[./]/)[0]]).toEqual([400, member]);
  expect(await count()).toBe(before);
});

it('one answer names every wrong member of a client', async () => {
  const refused = await create({
    name: ' ',
    redirect_uris: ['http://notes.example/callback'],
    post_logout_redirect_uris: ['javascript:alert(1)'],
    client_uri: 'http://notes.example',
    delegates: 'yes',
    profile: 'fapi_2_0',
  });
  expect(refused.status).toBe(400);
  expect(refused.body).toMatchObject({
    member: 'delegates',
    errors: [
      { member: 'delegates' },
      { member: 'profile' },
      { member: 'name' },
      { member: 'client_uri' },
      { member: 'redirect_uris' },
      { member: 'post_logout_redirect_uris' },
    ],
  });
});

it('changes the members that were sent, at every replica, and keeps the others', async () => {
  const { client } = (await create({ client_uri: 'https://notes.example', id_token_signed_response_alg: 'ES256' }))
    .body;
  const stored = await findClient(server.db, client.client_id);
  const moved = 'https://app.notes.example/callback';
  const changed = await change(client.client_id, { redirect_uris: [moved], client_uri: null });
  expect(changed.body).toEqual({ ...client, redirect_uris: [moved], client_uri: null });
  const now = await findClient(server.db, client.client_id);
  const { client_uri: _gone, ...kept } = stored?.metadata ?? {};
  expect(now?.metadata).toEqual({ ...kept, redirect_uris: [moved] });
  expect([now?.webOrigins, now?.secretHash]).toEqual([['https://app.notes.example'], stored?.secretHash]);
  const app = { id: client.client_id, secret: '', redirectUri };
  expect((await requestAuthorization(server, app, {})).page.status).toBe(400);
  expect((await requestAuthorization(server, { ...app, redirectUri: moved }, {})).page.status).toBe(200);
  expect((await listActs(client.client_id)).at(-1)).toEqual({
    event: 'client_changed',
    account_id: null,
    detail: { redirect_uris_changed: true, ...author() },
  });
});

// The ids at the beginning of titles are rows of docs/security.md.
it('E4: changes of different members at the same time are all kept', async () => {
  const { client } = (await create()).body;
  const sites = ['client_uri', 'policy_uri', 'tos_uri', 'logo_uri'];
  await Promise.all(
    sites.map((member, index) =>
      change(client.client_id, { [member]: `https://notes.example/${member}` }, { replica: index % 2 }),
    ),
  );
  const { body } = await call('GET /api/admin/clients/{client_id}', client.client_id);
  for (const member of sites) expect(body[member]).toBe(`https://notes.example/${member}`);
});

it('E5: the admin API changes no client that may call the admin API, and no client that the operator did not add', async () => {
  const other = await addAdminClient(server, ['admin:audit:read']);
  const theirs = await registerClient((await createOwner(server)).browser);
  const attacker = await makeProofKey();
  const before = [await findClient(server.db, other.client.id), await findClient(server.db, theirs.id)];
  expect((await change(other.client.id, { jwks: { keys: [attacker.publicJwk] } })).status).toBe(409);
  expect((await change(other.client.id, { name: 'Other' })).status).toBe(409);
  expect((await change(theirs.id, { name: 'Other' })).status).toBe(409);
  expect((await rotate(theirs.id, 0)).status).toBe(409);
  expect((await rotate(other.client.id, 0)).status).toBe(409);
  expect((await call('DELETE /api/admin/clients/{client_id}/secrets', theirs.id)).status).toBe(204);
  for (const id of ['unknown', server.configuration.proxyClientId]) {
    expect((await change(id, { name: 'Other' })).status).toBe(404);
    expect((await rotate(id, 0)).status).toBe(404);
  }
  expect([await findClient(server.db, other.client.id), await findClient(server.db, theirs.id)]).toEqual(before);
  expect(await assertClient(server, other)).toBeDefined();
});

it('refuses changes that a registration would refuse', async () => {
  const { client } = (await create()).body;
  const key = await makeProofKey();
  for (const [body, member] of [
    [{}, 'body'],
    [{ redirect_uris: [] }, 'redirect_uris'],
    [{ redirect_uris: ['ftp://notes.example'] }, 'redirect_uris'],
    [{ name: ' ' }, 'name'],
    [{ tos_uri: 'javascript:alert(1)' }, 'tos_uri'],
    [{ jwks: { keys: [key.publicJwk] } }, 'jwks'],
    [{ client_secret: 'chosen' }, 'client_secret'],
  ] as const) {
    const refused = await change(client.client_id, body);
    expect([refused.status, refused.body['member']]).toEqual([400, member]);
  }
});

it('a client that signs assertions gets new keys, and the old ones end at once', async () => {
  const [old, next] = [await makeProofKey(), await makeProofKey()];
  const { client } = (await create({ jwks: { keys: [old.publicJwk] } })).body;
  const isAccepted = async (key: typeof old) => {
    const keyed = { client: { id: client.client_id, secret: undefined, redirectUri }, key };
    const form = { grant_type: 'client_credentials', scope: 'grant_management_query' };
    return (
      (await postForm(`${server.issuer}/token`, { ...form, ...(await assertClient(server, keyed)) })).status === 200
    );
  };
  expect([await isAccepted(old), await isAccepted(next)]).toEqual([true, false]);
  expect((await change(client.client_id, { jwks: { keys: [next.publicJwk] } })).status).toBe(200);
  expect([await isAccepted(old), await isAccepted(next)]).toEqual([false, true]);
});

it('replaces a secret; the old one works during the overlap, until a request ends it', async () => {
  const { client, client_secret: first } = (await create()).body;
  const id = client.client_id;
  const { status, body } = await rotate(id, 3_600);
  expect(status).toBe(201);
  for (const secret of [first ?? '', body.client_secret]) expect(await isKnown(id, secret)).toBe(true);
  expect((await call('DELETE /api/admin/clients/{client_id}/secrets', id)).status).toBe(204);
  expect([await isKnown(id, first ?? ''), await isKnown(id, body.client_secret)]).toEqual([false, true]);
  const { client_secret: third } = (await rotate(id, 0)).body;
  expect([await isKnown(id, body.client_secret), await isKnown(id, third)]).toEqual([false, true]);
  const acts = (await listActs(id)).filter(({ event }) => event.startsWith('client_secret'));
  expect(acts).toEqual([
    { event: 'client_secret_replaced', account_id: null, detail: { overlap_seconds: 3_600, ...author() } },
    { event: 'client_secrets_ended', account_id: null, detail: author() },
    { event: 'client_secret_replaced', account_id: null, detail: { overlap_seconds: 0, ...author() } },
  ]);
});

it('E4: of ten rotations at once, five succeed and five are refused, and the old secret and every new one work', async () => {
  const { client, client_secret: first } = (await create()).body;
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => rotate(client.client_id, 3_600, { replica: index % 2 })),
  );
  const done = answers.filter(({ status }) => status === 201);
  expect([done.length, answers.filter(({ status }) => status === 409).length]).toEqual([5, 5]);
  for (const secret of [first ?? '', ...done.map(({ body }) => body.client_secret)])
    expect(await isKnown(client.client_id, secret)).toBe(true);
});

it('a public client has no secret to replace', async () => {
  const { client } = (await create({ type: 'spa' })).body;
  expect((await rotate(client.client_id, 0)).status).toBe(409);
  expect((await rotate((await addClient(server, { isPublic: true })).id, 0)).status).toBe(409);
});

it('a change of a client does not end its access', async () => {
  const { browser } = await createOwner(server);
  const { client, client_secret: secret } = (await create()).body;
  const app = { id: client.client_id, secret: secret ?? '', redirectUri };
  const { access_token: ofApp } = await connect(server, browser, app);
  await change(client.client_id, { name: 'Better notes' });
  expect((await introspect(server, ofApp))['active']).toBe(true);
});

it('sets the caps of the operator, keeps those that were not sent, and records the earlier caps in the audit log', async () => {
  const set = (body: object, replica = 0) => call('PATCH /api/admin/limits', '', { body, replica });
  const cap = (amount: string | null) => ({ max_cost_usd_per_month: amount });
  const { body } = await set({ all_accounts: cap('50'), each_account: cap('2.50') });
  expect(body).toMatchObject({ all_accounts: cap('50'), each_account: cap('2.5') });
  expect(await readOperatorCaps(server.db)).toEqual({ ofAll: 50n * dollar, ofAccount: (5n * dollar) / 2n });
  await Promise.all([set({ all_accounts: cap('40') }), set({ each_account: cap(null) }, 1)]);
  expect(await readOperatorCaps(server.db)).toEqual({ ofAll: 40n * dollar, ofAccount: undefined });
  const rows = await server.db
    .selectFrom('audit_events')
    .select(['account_id', 'detail'])
    .where('event', '=', 'operator_caps_changed')
    .orderBy('id')
    .execute();
  expect(rows.map(({ account_id: account }) => account)).toEqual([null, null, null]);
  expect(rows[0]?.detail).toMatchObject({
    max_cost_per_month: String(50n * dollar),
    max_cost_per_month_before: null,
    admin_client: machine.client.id,
    request_id: expect.any(String),
  });
});

it('refuses a cap above that of the configuration, and a value that is not an amount', async () => {
  const before = await readOperatorCaps(server.db);
  for (const [body, member] of [
    [{ all_accounts: { max_cost_usd_per_month: '100.01' } }, 'all_accounts.max_cost_usd_per_month'],
    [{ each_account: { max_cost_usd_per_month: '10.01' } }, 'each_account.max_cost_usd_per_month'],
    [{ each_account: { max_cost_usd_per_month: '1,50' } }, 'each_account.max_cost_usd_per_month'],
    [{ each_account: { max_cost_usd_per_month: '' } }, 'each_account.max_cost_usd_per_month'],
    [{ each_account: { max_cost_usd_per_month: '-1' } }, 'each_account.max_cost_usd_per_month'],
    [{}, 'body'],
  ] as const) {
    const refused = await call('PATCH /api/admin/limits', '', { body });
    expect([refused.status, refused.body['member']]).toEqual([400, member]);
  }
  const both = { all_accounts: { max_cost_usd_per_month: '100.01' }, each_account: { max_cost_usd_per_month: '1,50' } };
  const refused = await call('PATCH /api/admin/limits', '', { body: both });
  expect(refused.body['errors']).toMatchObject([
    { member: 'all_accounts.max_cost_usd_per_month' },
    { member: 'each_account.max_cost_usd_per_month' },
  ]);
  expect(await readOperatorCaps(server.db)).toEqual(before);
});

it('sets and removes the cap of one account', async () => {
  const { accountId } = await createOwner(server);
  const set = (amount: string | null, id = accountId) =>
    call('PATCH /api/admin/accounts/{account_id}/limits', id, {
      body: { shared_keys: { max_cost_usd_per_month: amount } },
    });
  expect((await set('0')).body).toMatchObject({ shared_keys: { max_cost_usd_per_month: '0' } });
  expect((await set('10.01')).body['member']).toBe('shared_keys.max_cost_usd_per_month');
  expect((await set(null)).body).toMatchObject({ shared_keys: { max_cost_usd_per_month: '10' } });
  expect((await set('1', 'unknown')).status).toBe(404);
  const rows = await server.db
    .selectFrom('audit_events')
    .select('detail')
    .where('event', '=', 'account_operator_cap_changed')
    .where('account_id', '=', accountId)
    .orderBy('id')
    .execute();
  expect(rows.map(({ detail }) => detail)).toEqual([
    { max_cost_per_month: '0', max_cost_per_month_before: null, ...author() },
    { max_cost_per_month: null, max_cost_per_month_before: '0', ...author() },
  ]);
});

it('E3: neither the log nor the audit log contains a secret of a client', async () => {
  const { client, client_secret: first } = (await create()).body;
  const { client_secret: second } = (await rotate(client.client_id, 3_600)).body;
  const rows = JSON.stringify(await listActs(client.client_id));
  for (const secret of [first ?? '', second]) {
    expect(secret.length).toBeGreaterThan(20);
    expect([rows.includes(secret), server.logLines.some((line) => line.includes(secret))]).toEqual([false, false]);
  }
});
