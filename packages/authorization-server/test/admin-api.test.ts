import { randomUUID } from 'node:crypto';
import { loadSpecification } from '@aipassport/contracts';
import { type AdminScope, adminScopes, blockClient, findClient, setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { adminEndpoints } from '../src/admin-endpoints.js';
import { pageSize } from '../src/api/cursor.js';
import { type ApiRequest, adminOperations, callApi, makeToken } from './support/account-api.js';
import { addAdminClient, obtainAdminToken, openClient } from './support/admin-client.js';
import { addKeyedClient, assertClient, type KeyedClient } from './support/assertion.js';
import { addClient, connect, introspect, requestAuthorization } from './support/client.js';
import { header, json, postForm, send } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { makeProofKey, prove } from './support/proof.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let machine: KeyedClient;
let token: string;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  machine = await addAdminClient(server, adminScopes);
  token = (await obtainAdminToken(server, machine, adminScopes)).access_token;
  owner = await createOwner(server);
});
afterAll(() => server.close());

const call = <T = Record<string, unknown>>(operation: string, request: ApiRequest = {}) =>
  callApi<T>(server, token, operation, { replica: 1, ...request });
const refuse = (operation: string, sent: string) =>
  callApi(server, sent, operation, { value: 'some-value', replica: 1 });
const nameOperation = ({ method, template }: (typeof adminOperations)[number]) => `${method} ${template}`;
const anyRead = 'GET /api/admin/accounts';
async function findGrantOf({ db }: TestServer, { id }: { readonly id: string }): Promise<string> {
  const grants = db.selectFrom('grants').select('id').where('client_id', '=', id);
  return (await grants.executeTakeFirstOrThrow()).id;
}
const errorOf = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof openid.ResponseBodyError ? error.error : error;
};

it('the specification names the scopes of the code, and for each operation the scope that its endpoint needs', () => {
  const { securitySchemes } = loadSpecification('admin').document.components as unknown as {
    readonly securitySchemes: { adminToken: { flows: { clientCredentials: { scopes: Record<string, string> } } } };
  };
  expect(Object.keys(securitySchemes.adminToken.flows.clientCredentials.scopes)).toEqual([...adminScopes]);
  const specified = adminOperations.map((operation) => [nameOperation(operation), operation.scope]);
  const served = Object.values(adminEndpoints).flatMap(({ path, scopes }) =>
    Object.entries(scopes).map(([method, scope]) => [`${method} ${path.replace(/:(\w+)/, '{$1}')}`, scope]),
  );
  expect(Object.fromEntries(specified)).toEqual(Object.fromEntries(served));
});

// The ids at the beginning of titles are rows of docs/security.md.
it('E1: a client of the operator gets a token for five minutes, with the scopes that it asks for', async () => {
  const issued = await obtainAdminToken(server, machine, ['admin:usage:read', 'admin:audit:read']);
  expect(issued).toMatchObject({ expires_in: 300, scope: 'admin:usage:read admin:audit:read' });
  expect(issued.refresh_token).toBeUndefined();
  for (const replica of [0, 1])
    expect((await callApi(server, issued.access_token, 'GET /api/admin/usage', { replica })).status).toBe(200);
});

it('E1: every token for the admin API has a row in the audit log, with the client, the scopes of the token, and the identifier of the request', async () => {
  const { client } = machine;
  await obtainAdminToken(server, machine, ['admin:limits:read']);
  const query = { event: 'token_issued', client_id: client.id };
  const { body } = await call<{ events: readonly object[] }>('GET /api/admin/audit', { query });
  expect(body.events[0]).toMatchObject({
    client_id: client.id,
    email: null,
    detail: {
      grant_type: 'client_credentials',
      scope: 'admin:limits:read',
      request_id: expect.any(String),
      address: '127.0.0.1',
    },
  });
});

it('E1: every operation needs its own scope: a token with all other scopes is refused, and so is a request without a token', async () => {
  expect(adminOperations.length).toBeGreaterThan(10);
  for (const operation of adminOperations) {
    const others = adminScopes.filter((scope) => scope !== operation.scope);
    const limited = await obtainAdminToken(server, machine, others);
    const refused = await refuse(nameOperation(operation), limited.access_token);
    expect([nameOperation(operation), refused.status, refused.body['error']]).toEqual([
      nameOperation(operation),
      403,
      'insufficient_scope',
    ]);
    expect(header(refused, 'www-authenticate')).toBe(`Bearer error="insufficient_scope", scope="${operation.scope}"`);
    const without = await refuse(nameOperation(operation), '');
    expect([without.status, header(without, 'www-authenticate')]).toEqual([401, 'Bearer']);
  }
});

it('E1: no other token opens the admin API, and a token for it opens nothing else', async () => {
  await setOperator(server.db, owner.accountId, true);
  const ofOperator = await makeToken(owner, ['operator', 'manage', 'developer']);
  const app = await addClient(server);
  const { access_token: ofApp } = await connect(server, owner.browser, app);
  const management = await openid.clientCredentialsGrant(await openClient(server, machine), {
    scope: 'grant_management_query',
  });
  for (const operation of adminOperations) {
    for (const foreign of [ofOperator, ofApp, management.access_token, 'nothing']) {
      const answer = await refuse(nameOperation(operation), foreign);
      expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_token']);
    }
    await server.db.deleteFrom('attempts').execute(); // unknown tokens are counted
  }
  expect((await callApi(server, token, 'GET /api/account')).status).toBe(401);
  expect((await callApi(server, token, 'GET /api/operator')).status).toBe(401);
  const grantId = await findGrantOf(server, app);
  const headers = { authorization: `Bearer ${token}` };
  expect((await send(`${server.issuer}/grants/${grantId}`, { headers })).status).toBe(401);
  expect((await send(`${server.issuer}/userinfo`, { headers })).status).toBe(401);
  expect(await introspect(server, token)).toEqual({ active: false });
});

it('E2: a client that the operator did not let use the admin API gets no token for it', async () => {
  const keyed = await addKeyedClient(server, await makeProofKey());
  expect(await errorOf(obtainAdminToken(server, keyed, ['admin:usage:read']))).toBe('invalid_target');
  const app = await addClient(server);
  const form = {
    grant_type: 'client_credentials',
    client_id: app.id,
    client_secret: app.secret ?? '',
    resource: `${server.issuer}/api/admin`,
    scope: 'admin:usage:read',
  };
  expect(json(await postForm(`${server.issuer}/token`, form))['error']).toBe('invalid_target');
});

it('E2: a client gets no scope that it was not given, and no token without a scope', async () => {
  const reader = await addAdminClient(server, ['admin:usage:read']);
  expect(await errorOf(obtainAdminToken(server, reader, []))).toBe('invalid_scope');
  for (const asked of [['admin:audit:read'], ['admin:usage:read', 'admin:audit:read']] as const)
    expect(await errorOf(obtainAdminToken(server, reader, asked))).toBe('invalid_scope');
});

it('E2: no request for access can name an admin scope, and a client of the admin API can ask no owner for access', async () => {
  await setOperator(server.db, owner.accountId, true);
  const app = await addClient(server);
  for (const scope of ['admin:accounts:read', 'model:gpt-4o cap:chat admin:accounts:read'])
    expect((await requestAuthorization(server, app, { scope })).error).toBe('invalid_scope');
  const resource = `${server.issuer}/api/admin`;
  expect((await requestAuthorization(server, app, { resource })).error).toBe('invalid_target');
  const { client } = await addAdminClient(server, ['admin:usage:read'], {
    redirect_uris: ['https://app.example/callback'],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
  });
  const asked = await requestAuthorization(server, client, {});
  expect([asked.page.status, asked.page.url.origin]).toEqual([400, server.issuer]);
});

it('E2: a registration cannot give a client access to the admin API', async () => {
  const key = await makeProofKey();
  const body = JSON.stringify({
    redirect_uris: ['https://app.example/callback'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [key.publicJwk] },
    aipassport_admin_scopes: 'admin:usage:read',
  });
  const headers = { 'content-type': 'application/json' };
  const registered = json(await send(`${server.issuer}/register`, { method: 'POST', headers, body }));
  const id = String(registered['client_id']);
  const keyed = { client: { id, secret: undefined, redirectUri: '' }, key };
  expect(await errorOf(obtainAdminToken(server, keyed, ['admin:usage:read']))).toBe('invalid_target');
  expect((await findClient(server.db, id))?.adminScopes).toEqual([]);
});

it('E2: an assertion can be used once: after one replica has issued a token for it, the other replica refuses it', async () => {
  const form = {
    grant_type: 'client_credentials',
    resource: `${server.issuer}/api/admin`,
    scope: 'admin:usage:read',
    ...(await assertClient(server, machine)),
  };
  const headers = { host: new URL(server.issuer).host };
  expect((await postForm(`${server.urls[0]}/token`, form, headers)).status).toBe(200);
  const replayed = await postForm(`${server.urls[1]}/token`, form, headers);
  expect([replayed.status, json(replayed)['error']]).toEqual([401, 'invalid_client']);
});

it('E2: a token bound to a key is refused without a proof, and accepted with one', async () => {
  const bound = await addAdminClient(server, ['admin:usage:read'], { dpop_bound_access_tokens: true });
  const key = await makeProofKey();
  const form = {
    grant_type: 'client_credentials',
    resource: `${server.issuer}/api/admin`,
    scope: 'admin:usage:read',
    ...(await assertClient(server, bound)),
  };
  const dpop = await prove(key, `${server.issuer}/token`);
  const issued = json(await postForm(`${server.issuer}/token`, form, { dpop }));
  const sent = String(issued['access_token']);
  expect((await refuse('GET /api/admin/usage', sent)).status).toBe(401);
  const claims = { htm: 'GET', ath: await openid.calculatePKCECodeChallenge(sent) };
  const proof = await prove(key, `${server.issuer}/api/admin/usage`, { claims });
  const headers = { authorization: `DPoP ${sent}`, dpop: proof };
  expect((await send(`${server.issuer}/api/admin/usage`, { headers })).status).toBe(200);
  expect((await send(`${server.issuer}/api/admin/usage`, { headers })).status).toBe(401);
});

it('E3: a client that was blocked, or has lost a scope, is refused at once, at every replica', async () => {
  const scopes: readonly AdminScope[] = ['admin:accounts:read', 'admin:usage:read'];
  const one = await addAdminClient(server, scopes);
  const { access_token: sent } = await obtainAdminToken(server, one, scopes);
  const clientId = one.client.id;
  const use = async () =>
    Promise.all([0, 1].map(async (replica) => (await callApi(server, sent, anyRead, { replica })).status));
  expect(await use()).toEqual([200, 200]);
  const row = () => server.db.updateTable('client_admin_scopes').where('client_id', '=', clientId);
  await row()
    .set({ scopes: ['admin:usage:read'] })
    .execute();
  expect(await use()).toEqual([403, 403]);
  expect(await errorOf(obtainAdminToken(server, one, scopes))).toBe('invalid_scope');
  await row()
    .set({ scopes: [...scopes] })
    .execute();
  await blockClient(server.db, { clientId, by: undefined });
  expect(await use()).toEqual([401, 401]);
  expect(await errorOf(obtainAdminToken(server, one, scopes))).toBe('invalid_client');
});

it('E3: a token is refused once it was revoked', async () => {
  const configuration = await openClient(server, machine);
  const { access_token: sent } = await obtainAdminToken(server, machine, ['admin:accounts:read']);
  expect((await callApi(server, sent, anyRead)).status).toBe(200);
  await openid.tokenRevocation(configuration, sent);
  expect((await callApi(server, sent, anyRead, { replica: 1 })).status).toBe(401);
});

it('reads accounts, clients, grants, usage, limits, invitations and the server itself', async () => {
  const app = await addClient(server, { name: 'Notes' });
  await connect(server, owner.browser, app);
  const grantId = await findGrantOf(server, app);
  const grant = { grant_id: grantId, account_id: owner.accountId, client_id: app.id, state: 'active' };
  expect((await call('GET /api/admin/grants/{grant_id}', { value: grantId })).body).toMatchObject(grant);
  const query = { account_id: owner.accountId, client_id: app.id };
  expect((await call('GET /api/admin/grants', { query })).body).toMatchObject({ grants: [grant], next: null });
  const client = { client_id: app.id, name: 'Notes', has_secret: true, admin_scopes: [], is_blocked: false };
  expect((await call('GET /api/admin/clients/{client_id}', { value: app.id })).body).toMatchObject(client);
  const ofMachine = await call('GET /api/admin/clients/{client_id}', { value: machine.client.id });
  expect(ofMachine.body).toMatchObject({ admin_scopes: adminScopes, has_secret: false });
  expect((await call('GET /api/admin/clients', { query: { search: app.id } })).body).toMatchObject({
    clients: [{ client_id: app.id }],
  });
  const account = { account_id: owner.accountId, email: owner.email };
  expect((await call('GET /api/admin/accounts/{account_id}', { value: owner.accountId })).body).toMatchObject({
    ...account,
    connected_apps: expect.arrayContaining([
      { client_id: app.id, name: 'Notes', is_verified: true, places: [{ kind: 'web', name: 'app.example' }] },
    ]),
    simulated: { cost_usd: '0', requests: 0 },
    models: [],
    days: [],
  });
  expect((await call(anyRead, { query: { search: owner.email } })).body).toMatchObject({ accounts: [account] });
  for (const path of ['', '/usage', '/limits', '/invitations'])
    expect([path, (await call(`GET /api/admin${path}`)).status]).toEqual([path, 200]);
});

interface GrantPage {
  readonly grants: readonly { readonly grant_id: string }[];
  readonly next: string | null;
}

it('lists grants page by page, each once, and ended ones only on request', async () => {
  const app = await addClient(server);
  const ids = Array.from({ length: pageSize + 1 }, () => randomUUID());
  const grant = { account_id: owner.accountId, client_id: app.id, scope: 'model:gpt-4o cap:chat' };
  const rows = ids.map((id) => ({ id, ...grant, expires_at: new Date(Date.now() + 3_600_000) }));
  await server.db.insertInto('grants').values(rows).execute();
  const list = async (state: string) => {
    const pages: (readonly string[])[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: Record<string, string> = { client_id: app.id, state, cursor };
      const { body } = await call<GrantPage>('GET /api/admin/grants', { query });
      pages.push(body.grants.map(({ grant_id: id }) => id));
      cursor = body.next;
    }
    return pages;
  };
  const active = await list('active');
  expect([active.map((page) => page.length), active.flat().toSorted()]).toEqual([[pageSize, 1], ids.toSorted()]);
  await blockClient(server.db, { clientId: app.id, by: undefined });
  expect([await list('active'), (await list('all')).flat().toSorted()]).toEqual([[[]], ids.toSorted()]);
  expect((await call('GET /api/admin/grants', { query: { state: 'other' } })).body['member']).toBe('state');
});

it('answers 404 for an unknown identifier, and for the client of the resource proxy', async () => {
  for (const [operation, value] of [
    ['GET /api/admin/accounts/{account_id}', 'unknown'],
    ['GET /api/admin/grants/{grant_id}', 'unknown'],
    ['GET /api/admin/clients/{client_id}', 'unknown'],
    ['GET /api/admin/clients/{client_id}', server.configuration.proxyClientId],
  ] as const)
    expect([operation, (await call(operation, { value })).status]).toEqual([operation, 404]);
});

it('E3: no answer and no log line has a token, an assertion or the hash of a secret', async () => {
  const keyed = await addAdminClient(server, adminScopes);
  const assertion = await assertClient(server, keyed);
  const form = {
    grant_type: 'client_credentials',
    resource: `${server.issuer}/api/admin`,
    scope: adminScopes.join(' '),
    ...assertion,
  };
  const sent = String(json(await postForm(`${server.issuer}/token`, form))['access_token']);
  const app = await addClient(server);
  const { access_token: ofApp } = await connect(server, owner.browser, app);
  const values = {
    '{account_id}': owner.accountId,
    '{client_id}': app.id,
    '{grant_id}': await findGrantOf(server, app),
  };
  const answers: string[] = [];
  const loggedBefore = server.logLines.length;
  for (const operation of adminOperations.filter(({ method }) => method === 'GET')) {
    const value = Object.entries(values).find(([name]) => operation.template.includes(name))?.[1] ?? '';
    const answer = await callApi(server, sent, nameOperation(operation), { value });
    expect([nameOperation(operation), answer.status]).toEqual([nameOperation(operation), 200]);
    answers.push(answer.text);
  }
  const lines = server.logLines.slice(loggedBefore).filter((line) => line.includes('/api/admin'));
  expect(lines).toHaveLength(answers.length);
  expect(lines.filter((line) => !line.includes(`"client_id":"${keyed.client.id}"`))).toEqual([]);
  const secrets = [sent, ofApp, assertion.client_assertion, app.secret ?? '', keyed.key.privateJwk.d ?? ''];
  const stored = (await findClient(server.db, app.id))?.secretHash ?? '';
  for (const secret of [...secrets, stored, ...server.configuration.cookieKeys]) {
    expect(secret.length).toBeGreaterThan(20);
    expect([...answers, ...server.logLines].filter((text) => text.includes(secret))).toEqual([]);
  }
});
