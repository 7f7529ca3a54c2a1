import { randomUUID } from 'node:crypto';
import { loadSpecification } from '@aipassport/contracts';
import { waitPastMidnight } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import {
  addClient,
  callEndpoint,
  connect,
  introspect,
  refresh,
  revoke,
  type TestClient,
  type Tokens,
} from './support/client.js';
import { type Answer, header, json, send } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let server: TestServer;
let owner: Owner;
let client: TestClient;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  owner = await createOwner(server);
  client = await addClient(server);
});
beforeEach(waitPastMidnight);
afterAll(() => server.close());

const { compile } = loadSpecification('authorization-server');

type Connected = Tokens & { readonly grant_id: string };

async function connectClient(of = client, details: object = { max_cost_usd: '2', max_requests: 5 }) {
  const authorization_details = JSON.stringify([{ type: 'ai_access', ...details }]);
  return (await connect(server, owner.browser, of, { authorization_details })) as Connected;
}

async function obtainToken(scope: string, of = client): Promise<Readonly<Record<string, string>>> {
  return json(await callEndpoint(`${server.issuer}/token`, of, { grant_type: 'client_credentials', scope })) as Record<
    string,
    string
  >;
}

/** Calls the API at one of the replicas. */
async function call(method: 'GET' | 'DELETE', id: string, token?: string, replica = 0): Promise<Answer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { host: new URL(server.issuer).host, ...authorization };
  return send(`${server.urls[replica]}/grants/${id}`, { method, headers });
}

it('every token response names its grant, including the response to a repeated refresh', async () => {
  const tokens = await connectClient();
  expect(tokens.grant_id).toMatch(/^[\w-]{43}$/);
  for (let repeat = 0; repeat < 2; repeat += 1) {
    const refreshed = json(await refresh(server, client, tokens.refresh_token));
    expect(refreshed['grant_id']).toBe(tokens.grant_id);
    expect(compile('/components/schemas/TokenResponse')(refreshed)).toBeUndefined();
  }
});

it('a client reads what its grant allows, what is used and what is left, at any replica', async () => {
  const { grant_id: id, access_token: own } = await connectClient();
  await useGrant(server, { id, account_id: owner.accountId }, { estimate: 900_000_000n, cost: 500_000_000n });
  const { access_token: token } = await obtainToken('grant_management_query');
  for (const [replica, bearer] of [token, own].entries()) {
    const answer = await call('GET', id, bearer, replica);
    expect([answer.status, header(answer, 'cache-control')]).toEqual([200, 'no-store']);
    const status = json(answer);
    expect(compile('/components/schemas/GrantStatus')(status)).toBeUndefined();
    expect(status).toMatchObject({
      grant_id: id,
      scopes: [{ scope: expect.stringContaining('model:gpt-4o'), resource: ['https://proxy.example'] }],
      authorization_details: [{ type: 'ai_access', max_cost_usd: '2', max_requests: 5 }],
      used: { requests: 1, cost_usd: '0.5', held_usd: '0' },
      remaining: { max_cost_usd: '1.5', max_requests: 4 },
    });
  }
});

// The ids at the beginning of titles are rows of docs/security.md.
it('Y2: a client ends its grant, and nothing of the grant works at any replica afterwards', async () => {
  for (const way of ['client', 'grant']) {
    const { grant_id: id, ...tokens } = await connectClient();
    const { access_token: token } = await obtainToken('grant_management_revoke');
    const answer = await call('DELETE', id, way === 'client' ? token : tokens.access_token);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
    const refreshed = await refresh(server, client, tokens.refresh_token, { url: server.urls[1] ?? '' });
    expect(json(refreshed)['error']).toBe('invalid_grant');
    expect((await call('DELETE', id, token, 1)).status).toBe(404);
    expect((await call('GET', id, tokens.access_token, 1)).status).toBe(401);
    const row = await server.db.selectFrom('grants').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect([row.status, row.revoked_reason]).toEqual(['revoked', 'client']);
  }
});

it('Y1: the identifiers of another client’s grant and of an ended grant get the same answer as unknown and malformed ones', async () => {
  const [mine, ended] = [await connectClient(), await connectClient()];
  await revoke(server, client, ended.access_token);
  const other = await addClient(server);
  const others = await connectClient(other);
  const { access_token: token } = await obtainToken('grant_management_query grant_management_revoke', other);
  const ids = [mine.grant_id, ended.grant_id, randomUUID(), 'x', 'a%20b', 'x'.repeat(300), "'--"];
  for (const method of ['GET', 'DELETE'] as const)
    for (const bearer of [token, others.access_token]) {
      const answers: unknown[] = [];
      for (const id of ids) {
        const { status, text } = await call(method, id, bearer);
        answers.push({ status, text });
      }
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]).toMatchObject({ status: 404, text: expect.stringContaining('"not_found"') });
    }
  // A token of one grant cannot read another grant of the same client.
  expect((await call('GET', mine.grant_id, (await connectClient()).access_token)).status).toBe(404);
  expect((await call('GET', mine.grant_id, mine.access_token)).status).toBe(200);
});

it('Y1: without a token that is live and has the scope, the API answers 401 or 403 and does not reveal whether a grant exists', async () => {
  const { grant_id: id, access_token: own } = await connectClient();
  for (const [token, challenge] of [
    [undefined, 'Bearer'],
    ['x', 'Bearer error="invalid_token"'],
    ['x.y.z', 'Bearer error="invalid_token"'],
    [`${own.slice(0, -6)}AAAAAA`, 'Bearer error="invalid_token"'],
  ])
    for (const one of [id, 'unknown']) {
      const answer = await call('GET', one, token);
      expect([token, answer.status, header(answer, 'www-authenticate')]).toEqual([token, 401, challenge]);
    }
  for (const [scope, method] of [
    ['grant_management_query', 'DELETE'],
    ['grant_management_revoke', 'GET'],
    ['', 'GET'],
  ] as const) {
    const { access_token: token } = await obtainToken(scope);
    const answer = await call(method, id, token);
    expect([scope, answer.status, json(answer)['error']]).toEqual([scope, 403, 'insufficient_scope']);
    expect((await call(method, 'unknown', token)).status).toBe(403);
  }
  expect((await call('GET', id, own)).status).toBe(200);
});

it('Y3: only a client that authenticates gets a token of its own, for this API and for nothing else', async () => {
  const open = await addClient(server, { isPublic: true });
  expect(await obtainToken('grant_management_query', open)).toMatchObject({ error: 'invalid_request' });
  const listed = await addClient(server, { isPublic: true, metadata: { grant_types: ['client_credentials'] } });
  expect(await obtainToken('grant_management_query', listed)).toMatchObject({ error: 'invalid_request' });
  const answer = await obtainToken('grant_management_query model:gpt-4o cap:chat openid');
  expect(compile('/components/schemas/ClientTokenResponse')(answer)).toBeUndefined();
  expect(answer['scope']).toBe('grant_management_query');
  expect(await introspect(server, answer['access_token'] ?? '')).toEqual({ active: false });
  const userinfo = { headers: { authorization: `Bearer ${answer['access_token']}` } };
  expect((await send(`${server.issuer}/userinfo`, userinfo)).status).toBe(401);
  const form = { grant_type: 'client_credentials', scope: 'grant_management_query', resource: 'https://proxy.example' };
  expect(json(await callEndpoint(`${server.issuer}/token`, client, form))['error']).toBe('invalid_target');
  const asked = { ...form, resource: `${server.issuer}/grants` };
  const token = String(json(await callEndpoint(`${server.issuer}/token`, client, asked))['access_token']);
  const { grant_id: id } = await connectClient();
  expect((await call('GET', id, token)).status).toBe(200);
  // The client may revoke this token (RFC 7009).
  expect((await revoke(server, client, token)).status).toBe(200);
  expect((await call('GET', id, token)).status).toBe(401);
});

it('Y3: only a page of a registered origin may read the API’s answers, and only for its own client', async () => {
  const { grant_id: id, access_token: token } = await connectClient();
  const ask = async (origin: string) =>
    header(
      await send(`${server.issuer}/grants/${id}`, { headers: { origin, authorization: `Bearer ${token}` } }),
      'access-control-allow-origin',
    );
  const other = await addClient(server, { redirectUris: ['https://other.example/cb'] });
  expect(await ask(new URL(client.redirectUri).origin)).toBe(new URL(client.redirectUri).origin);
  expect(await ask(new URL(other.redirectUri).origin)).toBe('');
  expect(await ask('https://evil.example')).toBe('');
});

it('3.7: a client gets 300 tokens for itself in ten minutes, and they add no row to the audit log', async () => {
  const eager = await addClient(server);
  const ask = () =>
    callEndpoint(`${server.issuer}/token`, eager, {
      grant_type: 'client_credentials',
      scope: 'grant_management_query',
    });
  const statuses: number[] = [];
  for (let batch = 0; batch < 31; batch += 1)
    statuses.push(...(await Promise.all(Array.from({ length: 10 }, ask))).map(({ status }) => status));
  expect([statuses.filter((status) => status === 200).length, statuses.at(-1)]).toEqual([300, 429]);
  const events = server.db.selectFrom('audit_events').select('event').where('client_id', '=', eager.id);
  expect(await events.where('event', '=', 'token_issued').execute()).toEqual([]);
});
