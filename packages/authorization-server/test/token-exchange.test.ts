import { setTimeout } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as openid from 'openid-client';
import { exchangeGrantType } from '../src/oidc/offered.js';
import { readText } from './support/browser.js';
import {
  addClient,
  appPathOf,
  authenticate,
  connect,
  introspect,
  type TestClient,
  type Tokens,
} from './support/client.js';
import { type FormFields, json, postForm } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { makeProofKey, prove } from './support/proof.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const metadata = { grant_types: ['authorization_code', 'refresh_token', exchangeGrantType] };

let database: TestDatabase;
let server: TestServer;
let owner: Owner;
let client: TestClient;
let spa: TestClient;
let stranger: TestClient;
let config: openid.Configuration;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({ replicas: 2, database });
  owner = await createOwner(server);
  client = await addClient(server, { metadata });
  spa = await addClient(server, { isPublic: true, metadata });
  stranger = await addClient(server, { metadata });
  const options = { execute: [openid.allowInsecureRequests] };
  config = await openid.discovery(new URL(server.issuer), client.id, client.secret, undefined, options);
});
afterAll(async () => {
  await server.close();
  await database.close();
});

type Answer = Record<string, unknown>;

/** Exchanges a token at one of the replicas. @returns the status and the JSON of the answer */
async function exchange(
  subjectToken: unknown,
  form: FormFields = {},
  { as = client, proof, replica = server.issuer }: { as?: TestClient; proof?: string; replica?: string } = {},
): Promise<{ readonly status: number; readonly body: Answer }> {
  const { fields, headers } = authenticate(as);
  const subject = { subject_token: String(subjectToken), subject_token_type: accessTokenType };
  const answer = await postForm(
    `${replica}/token`,
    { grant_type: exchangeGrantType, ...subject, ...fields, ...form },
    { ...headers, host: new URL(server.issuer).host, ...(proof === undefined ? {} : { dpop: proof }) },
  );
  return { status: answer.status, body: json(answer) };
}

const details = (detail: object) => ({ authorization_details: JSON.stringify([{ type: 'ai_access', ...detail }]) });
const grantIdOf = ({ access_token: token }: { readonly access_token?: unknown }) =>
  String(decodeJwt(String(token))['grant_id']);
const isActive = async (token: unknown) => (await introspect(server, String(token)))['active'];

async function grantParent(detail: object = { max_cost_usd: '5', max_requests: 50 }, as = client): Promise<Tokens> {
  return connect(server, owner.browser, as, details(detail));
}

async function handOn(subjectToken: unknown, form: FormFields = {}): Promise<Answer> {
  const { status, body } = await exchange(subjectToken, form);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
}

async function revoke(token: unknown, as = client): Promise<void> {
  const { fields, headers } = authenticate(as);
  await postForm(`${server.issuer}/revoke`, { token: String(token), ...fields }, headers);
}

describe('a token exchange', () => {
  it('gives a sub-agent a token for a part of the grant, through openid-client', async () => {
    const parent = await grantParent();
    const tokens = await openid.genericGrantRequest(config, exchangeGrantType, {
      subject_token: parent.access_token,
      subject_token_type: accessTokenType,
      ...details({ models: ['gpt-4o'], capabilities: ['chat'], max_cost_usd: '0.5', expires_in: 120 }),
    });
    expect(tokens).toMatchObject({
      issued_token_type: accessTokenType,
      token_type: 'bearer',
      scope: 'model:gpt-4o cap:chat',
      grant_id: expect.stringMatching(new RegExp(`^${grantIdOf(parent)}\\.[\\w-]{22}$`)),
      authorization_details: [
        { type: 'ai_access', models: ['gpt-4o'], capabilities: ['chat'], max_cost_usd: '0.5', max_requests: 50 },
      ],
    });
    expect(tokens).not.toHaveProperty('refresh_token');
    expect(tokens.expires_in).toBeLessThanOrEqual(120);
    const { sub, client_id: clientId, scope } = decodeJwt(tokens.access_token);
    expect({ sub, clientId, scope }).toEqual({ sub: owner.accountId, clientId: client.id, scope: tokens.scope });
    expect(await introspect(server, tokens.access_token)).toMatchObject({ active: true, grant_id: tokens['grant_id'] });
    const { rows } = {
      rows: await database.query('select event from audit_events where grant_id = $1 order by id', [
        tokens['grant_id'],
      ]),
    };
    expect(rows).toEqual([{ event: 'grant_delegated' }, { event: 'token_issued' }]);
    expect(
      await database.query("select from artifacts where grant_id = $1 and model = 'RefreshToken'", [
        tokens['grant_id'],
      ]),
    ).toEqual([]);
  });

  it('without a scope and details passes on the whole scope and all limits for an hour, even for a public client', async () => {
    const parent = await grantParent({ max_requests: 5, expires_in: 7_200 }, spa);
    const { status, body } = await exchange(parent.access_token, {}, { as: spa });
    expect([status, body['scope']]).toEqual([200, parent.scope]);
    const [{ expires_at: endsAt, ...limits } = {}] = body['authorization_details'] as Answer[];
    const [{ expires_at: _end, ...ofParent } = {}] = parent.authorization_details;
    expect(limits).toEqual(ofParent);
    expect(Math.abs(Number(endsAt) - Date.now() / 1_000 - 3_600)).toBeLessThan(30);
  });

  it.each([
    [{ scope: 'model:o3 cap:chat' }, 'invalid_scope', 'the grant does not allow model:o3'],
    [{ scope: 'model:gpt-4o cap:images' }, 'invalid_scope', 'the grant does not allow cap:images'],
    [{ scope: 'model:gpt-4o' }, 'invalid_scope', 'name at least one model and one capability, or neither'],
    [
      details({ max_cost_usd: '5.000000001' }),
      'invalid_authorization_details',
      'max_cost_usd is more than the grant has: at most 5',
    ],
    [
      details({ max_requests: 51 }),
      'invalid_authorization_details',
      'max_requests is more than the grant has: at most 50',
    ],
    [
      details({ expires_in: 31_536_000 }),
      'invalid_authorization_details',
      expect.stringContaining('expires_in is later than the end of the grant'),
    ],
    [
      { subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' },
      'invalid_request',
      expect.stringContaining('subject_token_type must be'),
    ],
    [
      { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
      'invalid_request',
      expect.stringContaining('requested_token_type must be'),
    ],
    [{ actor_token: 'x', actor_token_type: accessTokenType }, 'invalid_request', 'actor_token is not supported'],
    [{ audience: 'https://other.example' }, 'invalid_target', expect.any(String)],
    [{ resource: 'https://other.example' }, 'invalid_target', expect.any(String)],
  ])('refuses %j with %s', async (form, error, description) => {
    const parent = await grantParent();
    const { status, body } = await exchange(parent.access_token, form as FormFields);
    expect([status, body]).toEqual([400, expect.objectContaining({ error, error_description: description })]);
  });

  it('refuses a subject token that is not a live access token of this client, always in the same words', async () => {
    const parent = await grantParent();
    const ended = await grantParent();
    await revoke(ended.access_token);
    const foreign = await exchange(parent.access_token, {}, { as: stranger });
    const jti = decodeJwt(parent.access_token).jti;
    for (const { status, body } of [
      foreign,
      ...(await Promise.all(['x', jti, parent.refresh_token, ended.access_token].map((token) => exchange(token)))),
    ])
      expect([status, body['error'], body['error_description']]).toEqual([
        400,
        'invalid_request',
        'subject_token is not a live access token of this client',
      ]);
  });

  it('is refused for a client that was not registered for it', async () => {
    const plain = await addClient(server);
    const parent = await connect(server, owner.browser, plain);
    const { status, body } = await exchange(parent.access_token, {}, { as: plain });
    expect([status, body['error']]).toEqual([400, 'invalid_request']);
  });

  it('of a token that a refresh has narrowed passes on no more scope than that token has', async () => {
    const parent = await grantParent();
    const narrow = await openid.refreshTokenGrant(config, parent.refresh_token, { scope: 'model:gpt-4o cap:chat' });
    expect((await handOn(narrow.access_token))['scope']).toBe('model:gpt-4o cap:chat');
    const { body } = await exchange(narrow.access_token, { scope: 'model:claude-sonnet-4-5 cap:chat' });
    expect(body['error']).toBe('invalid_scope');
  });

  it('passes on and describes only the scope that is left, if the grant above the token’s grant has lost a part of it', async () => {
    const parent = await grantParent();
    const child = await handOn(parent.access_token, { scope: 'model:gpt-4o model:claude-sonnet-4-5 cap:chat' });
    await database.query('update grants set scope = $2 where id = $1', [grantIdOf(parent), 'model:gpt-4o cap:chat']);
    const authorization = `Bearer ${String(child['access_token'])}`;
    const shown = await fetch(`${server.issuer}/grants/${grantIdOf(child)}`, { headers: { authorization } });
    expect(await shown.json()).toMatchObject({
      scopes: [{ scope: 'model:gpt-4o cap:chat' }],
      authorization_details: [{ models: ['gpt-4o'], capabilities: ['chat'] }],
    });
    const grandchild = await handOn(child['access_token']);
    expect(grandchild['scope']).toBe('model:gpt-4o cap:chat');
    const { body } = await exchange(child['access_token'], { scope: 'model:claude-sonnet-4-5 cap:chat' });
    expect(body['error']).toBe('invalid_scope');
  });

  it('is possible at four levels below the owner’s grant, and no further', async () => {
    let tokens: Answer = { ...(await grantParent()) };
    for (let level = 0; level < 4; level += 1) tokens = await handOn(tokens['access_token']);
    expect(grantIdOf(tokens).split('.')).toHaveLength(5);
    const { body } = await exchange(tokens['access_token']);
    expect(body['error_description']).toBe('a grant has at most 4 levels of grants below it');
  });
});

describe('a further token of a grant that was made by an exchange', () => {
  it('is issued for a token of a grant above it, with the same grant, limits and usage', async () => {
    const parent = await grantParent();
    const first = await handOn(parent.access_token, details({ max_requests: 2 }));
    const child = { id: grantIdOf(first), account_id: owner.accountId };
    expect(await useGrant(server, child, { cost: 1n })).toBe('admitted');
    const next = await handOn(parent.access_token, { grant_id: child.id });
    expect([grantIdOf(next), next['grant_id'], next['scope']]).toEqual([child.id, child.id, first['scope']]);
    expect(await useGrant(server, child, { cost: 1n })).toBe('admitted');
    expect(await useGrant(server, child, { cost: 1n })).toBe('request_limit_reached');
    const { rows } = {
      rows: await database.query<{ used_requests: bigint }>('select used_requests from grants where id = $1', [
        grantIdOf(parent),
      ]),
    };
    expect(rows[0]?.used_requests).toBe(2n);
  });

  it('is refused to the grant’s own token, to another grant’s token, with a scope, and after the end of the grant', async () => {
    const [parent, other] = [await grantParent(), await grantParent()];
    const child = await handOn(parent.access_token);
    const named = { grant_id: grantIdOf(child) };
    const answers = [
      await exchange(child['access_token'], named),
      await exchange(other.access_token, named),
      await exchange(parent.access_token, { grant_id: grantIdOf(parent) }),
      await exchange(parent.access_token, { ...named, scope: 'model:gpt-4o cap:chat' }),
    ];
    await revoke(child['access_token']);
    answers.push(await exchange(parent.access_token, named));
    expect(answers.map(({ status, body }) => [status, body['error']])).toEqual(
      answers.map(() => [400, 'invalid_request']),
    );
    expect(await isActive(parent.access_token)).toBe(true);
  });
});

describe('the end of a grant', () => {
  it('ends all tokens below it at once, whichever token is revoked', async () => {
    const parent = await grantParent();
    const child = await handOn(parent.access_token);
    const grandchild = await handOn(child['access_token']);
    const beside = await handOn(parent.access_token);
    const all = [parent.access_token, child['access_token'], grandchild['access_token'], beside['access_token']];
    await revoke(child['access_token']);
    expect(await Promise.all(all.map(isActive))).toEqual([true, false, false, true]);
    await revoke(parent.refresh_token);
    expect(await Promise.all(all.map(isActive))).toEqual([false, false, false, false]);
  });

  it('leaves no live token below it when exchanges at both replicas run at the same time', async () => {
    const tokens: unknown[] = [];
    for (let round = 0; round < 8; round += 1) {
      const parent = await grantParent();
      const child = await handOn(parent.access_token);
      const [, ...answers] = await Promise.all([
        revoke(parent.refresh_token),
        ...server.urls.flatMap((replica) => [
          exchange(parent.access_token, {}, { replica }),
          exchange(child['access_token'], {}, { replica }),
          exchange(parent.access_token, { grant_id: grantIdOf(child) }, { replica }),
        ]),
      ]);
      for (const { status, body } of answers) {
        expect([200, 400]).toContain(status);
        if (status === 200) tokens.push(body['access_token']);
      }
    }
    expect(await Promise.all(tokens.map(isActive))).toEqual(tokens.map(() => false));
    expect(
      await database.query(`
      select from delegated_grants d join grants g on g.id = d.grant_id join grants r on r.id = root_of(d.grant_id)
      where r.status <> 'active' and g.status = 'active'`),
    ).toEqual([]);
  });
});

it('a token of an exchange says when the owner signed in', async () => {
  const parent = await grantParent();
  const child = await handOn(parent.access_token);
  const { auth_time: signedInAt } = decodeJwt(parent.access_token);
  expect(signedInAt).toEqual(expect.any(Number));
  expect(decodeJwt(String(child['access_token']))).toMatchObject({ auth_time: signedInAt });
});

it('tokens that are exchanged for a bearer token of a public client end when that token does, at every level', async () => {
  const forSpa = await grantParent({}, spa);
  const forClient = await grantParent();
  const endOf = (token: unknown) => Number(decodeJwt(String(token)).exp);
  await setTimeout(2_100);
  const child = (await exchange(forSpa.access_token, {}, { as: spa })).body;
  const grandchild = (await exchange(child['access_token'], {}, { as: spa })).body;
  const authenticated = (await exchange(forClient.access_token)).body;
  expect(endOf(child['access_token'])).toBe(endOf(forSpa.access_token));
  expect(endOf(grandchild['access_token'])).toBe(endOf(forSpa.access_token));
  expect(endOf(authenticated['access_token'])).toBeGreaterThan(endOf(forClient.access_token));
});

it('a token that is bound to a key is exchanged only with a proof of that key, and the new one is bound to it', async () => {
  const [key, other] = [await makeProofKey(), await makeProofKey()];
  const proof = (of = key) => prove(of, `${server.issuer}/token`);
  const parent = await grantParent();
  const bound = (await exchange(parent.access_token, {}, { proof: await proof() })).body;
  expect([bound['token_type'], decodeJwt(String(bound['access_token']))['cnf']]).toEqual([
    'DPoP',
    { jkt: key.thumbprint },
  ]);
  const answers = [
    await exchange(bound['access_token']),
    await exchange(bound['access_token'], {}, { proof: await proof(other) }),
    await exchange(bound['access_token'], {}, { proof: await proof() }),
  ];
  expect(answers.map(({ status, body }) => [status, body['error'] ?? body['token_type']])).toEqual([
    [400, 'invalid_grant'],
    [400, 'invalid_grant'],
    [200, 'DPoP'],
  ]);
});

it('the owner sees the limits and usage of the delegated grants below a grant, and can revoke one of them without that grant', async () => {
  const somebody = await createOwner(server);
  const parent = await connect(server, somebody.browser, client, details({ max_requests: 50 }));
  const research = await handOn(parent.access_token, details({ max_requests: 5, reason: 'Research <b>agent</b>' }));
  const search = await handOn(research['access_token'], details({ max_requests: 2 }));
  await useGrant(server, { id: grantIdOf(search), account_id: somebody.accountId }, { cost: 1n });
  for (const path of [appPathOf(client), `/account/grants/${grantIdOf(parent)}`]) {
    const text = readText((await somebody.browser.open(path)).text);
    for (const part of ['1 of 50 used', '1 of 5 used', '1 of 2 used', 'Shared by the app', 'Research <b>agent</b>'])
      expect([path, text]).toEqual([path, expect.stringContaining(part)]);
  }
  const ofPart = readText((await somebody.browser.open(`/account/grants/${grantIdOf(search)}`)).text);
  expect(ofPart).toContain('shared this part of its access');
  const page = await somebody.browser.open(appPathOf(client));
  const done = await somebody.browser.submit(page, `/account/grants/${grantIdOf(research)}/revoke`);
  expect(readText(done.text)).toContain('together with the access it came from');
  expect(await Promise.all([parent, research, search].map((tokens) => isActive(tokens['access_token'])))).toEqual([
    true,
    false,
    false,
  ]);
});
