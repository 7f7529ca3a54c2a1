import { loadSpecification } from '@aipassport/contracts';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deviceGrantType } from '../src/oidc/offered.js';
import { Browser, readText } from './support/browser.js';
import { addClient, buildRequest, connect } from './support/client.js';
import { deceptiveNames } from './support/deceptive-names.js';
import { type Answer, header, json, postForm, send } from './support/http.js';
import { createOwner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const compileRegistered = loadSpecification('authorization-server').compile('/components/schemas/RegisteredClient');

async function register(
  metadata: unknown,
  { of = server, token }: { of?: TestServer; token?: string } = {},
): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return send(`${of.issuer}/register`, { method: 'POST', headers, body: JSON.stringify(metadata) });
}

const web = {
  client_name: 'App',
  redirect_uris: ['https://app.example/cb'],
  grant_types: ['authorization_code', 'refresh_token'],
};
const native = { ...web, application_type: 'native', token_endpoint_auth_method: 'none' };

it('registers public and confidential clients (RFC 7591); a secret is shown once and stored as a hash', async () => {
  const answer = await register(web);
  const registered = json(answer);
  expect(answer.status).toBe(201);
  expect(compileRegistered(registered)).toBeUndefined();
  const row = await server.db
    .selectFrom('clients')
    .selectAll()
    .where('id', '=', String(registered['client_id']))
    .executeTakeFirstOrThrow();
  expect(row).toMatchObject({ name: 'App', registered_by: 'registration', web_origins: ['https://app.example'] });
  expect(JSON.stringify(row)).not.toContain(String(registered['client_secret']));
  expect(registered['registration_access_token']).toBeUndefined();
  const owner = await createOwner(server);
  const client = { id: row.id, secret: String(registered['client_secret']), redirectUri: 'https://app.example/cb' };
  expect((await connect(server, owner.browser, client)).refresh_token).toMatch(/^[\w-]{43}$/);
  expect(json(await register(native))['client_secret']).toBeUndefined();
  const event = await server.db
    .selectFrom('audit_events')
    .selectAll()
    .where('client_id', '=', row.id)
    .where('event', '=', 'client_registered')
    .execute();
  expect(event.length).toBe(1);
});

// The ids at the beginning of titles are rows of docs/security.md.
it('A3: accepts https, loopback http, and private schemes that are reversed domain names', async () => {
  const good = [
    { ...web, redirect_uris: ['https://app.example/cb', 'https://app.example:8443/cb?x=1'] },
    { ...web, redirect_uris: ['http://localhost:3000/cb', 'http://127.0.0.1:3000/cb'] },
    { ...native, redirect_uris: ['http://127.0.0.1/cb', 'http://[::1]/cb'] },
    { ...native, redirect_uris: ['com.example.app:/cb'] },
  ];
  for (const metadata of good)
    expect([metadata.redirect_uris, (await register(metadata)).status]).toEqual([metadata.redirect_uris, 201]);
});

it('A3: refuses non-loopback http, schemes that run code or that anyone can claim, wildcards, fragments and credentials', async () => {
  const bad = [
    'http://app.example/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://192.168.0.1/cb',
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'myapp:/cb',
    'myapp://cb',
    'https://*.example/cb',
    'https://app.example/*',
    'https://app.example/cb#x',
    'https://user:pass@app.example/cb',
    'https://app.example\\@evil.example/cb',
    'https://app.example/cb x',
    '/cb',
    '',
  ];
  for (const uri of bad)
    for (const metadata of [web, native]) {
      const answer = await register({ ...metadata, redirect_uris: [uri] });
      expect([uri, answer.status, json(answer)['error']]).toEqual([
        uri,
        400,
        expect.stringMatching(/^invalid_(redirect_uri|client_metadata)$/),
      ]);
    }
  expect((await register({ ...web, redirect_uris: [] })).status).toBe(400);
  expect((await register({ ...web, post_logout_redirect_uris: ['http://app.example/bye'] })).status).toBe(400);
  expect(
    (await register({ ...web, redirect_uris: Array.from({ length: 21 }, (_, n) => `https://app.example/${n}`) }))
      .status,
  ).toBe(400);
});

it('A3: a refusal of a redirect URI says what to register instead', async () => {
  const described = async (uri: string) =>
    String(json(await register({ ...web, redirect_uris: [uri] }))['error_description']);
  expect(await described('myapp:/cb')).toContain('com.example.app:/callback');
  expect(await described('http://app.example/cb')).toContain('https');
});

it('A3: schemes without a dot are accepted if the operator lists them; schemes that run code are never accepted', async () => {
  const configuration = { redirectSchemes: ['cursor', 'vscode', 'javascript'] };
  const listed = await startTestServer({ configuration });
  const uris = ['cursor://anysphere.cursor-mcp/oauth/callback', 'vscode:/cb', 'javascript:alert(1)', 'myapp:/cb'];
  const answers = await Promise.all(uris.map((uri) => register({ ...web, redirect_uris: [uri] }, { of: listed })));
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 400, 400]);
  expect(answers.at(-1)?.text).toContain('or cursor:, or vscode:');
  await listed.close();
});

it('A3: redirect URIs decide whether a client is native; a native client may use any port of its loopback address', async () => {
  const owner = await createOwner(server);
  const cases = [
    [['http://127.0.0.1:3000/cb'], 'http://127.0.0.1:49152/cb'],
    [['http://localhost/cb'], 'http://localhost:49152/cb'],
    [['http://[::1]/cb', 'https://app.example/cb'], 'http://[::1]:49152/cb'],
    [['com.example.app:/cb'], 'com.example.app:/cb'],
  ] as const;
  for (const application_type of [undefined, 'web', 'native'])
    for (const [redirect_uris, redirectUri] of cases) {
      const registered = json(await register({ ...web, application_type, redirect_uris }));
      expect([redirect_uris, registered['application_type']]).toEqual([redirect_uris, 'native']);
      const client = { id: String(registered['client_id']), secret: undefined, redirectUri };
      const page = await owner.browser.open((await buildRequest(server, client)).url);
      expect([redirectUri, page.status, page.url.pathname.startsWith('/interaction/')]).toEqual([
        redirectUri,
        200,
        true,
      ]);
    }
  const redirectUris = ['http://localhost:3000/cb'];
  const stored = await addClient(server, { redirectUris, metadata: { application_type: 'web' } });
  const other = { ...stored, redirectUri: 'http://localhost:3001/cb' };
  expect((await owner.browser.open((await buildRequest(server, other)).url)).status).toBe(200);
});

it('registers only the supported ones of the requested values and returns them (RFC 7591 section 2); by default, a client may also use refresh tokens', async () => {
  const { grant_types: _grants, ...plain } = web;
  const cases = [
    [{}, { grant_types: ['authorization_code', 'refresh_token'] }],
    [{ grant_types: ['authorization_code'] }, { grant_types: ['authorization_code'] }],
    [{ grant_types: ['authorization_code', 'implicit', 'password'] }, { grant_types: ['authorization_code'] }],
    [
      { grant_types: ['authorization_code', 'client_credentials'], token_endpoint_auth_method: 'none' },
      { grant_types: ['authorization_code'] },
    ],
    // With `client_credentials` alone, a client could not get a grant.
    [{ grant_types: ['client_credentials'] }, { grant_types: ['client_credentials', 'authorization_code'] }],
    [{ response_types: ['code', 'id_token', 'code token'] }, { response_types: ['code'] }],
    [{ response_modes: ['fragment', 'query'] }, { response_modes: ['query'] }],
    [
      { token_endpoint_auth_method: 'tls_client_auth', jwks_uri: 'https://app.example/jwks' },
      { token_endpoint_auth_method: 'client_secret_basic', jwks_uri: undefined, client_secret: expect.any(String) },
    ],
    [{ sector_identifier_uri: 'https://evil.example/x' }, { sector_identifier_uri: undefined }],
    [{ subject_type: 'pairwise' }, { subject_type: 'public' }],
    [{ id_token_signed_response_alg: 'none' }, { id_token_signed_response_alg: expect.not.stringMatching('none') }],
    [{ default_max_age: 60, require_auth_time: true }, { default_max_age: undefined }],
    [
      { client_uri: null, logo_uri: '', tos_uri: null },
      { client_uri: undefined, logo_uri: undefined },
    ],
    [{ scope: 'model:gpt-4o-mini cap:chat' }, { scope: 'model:gpt-4o-mini cap:chat' }],
    [{ scope: 'openid email cap:chat mcp:tools offline_access' }, { scope: 'openid email cap:chat offline_access' }],
  ] as const;
  for (const [asked, registered] of cases) {
    const answer = await register({ ...plain, ...asked });
    expect([asked, answer.status, json(answer)]).toEqual([
      asked,
      201,
      expect.objectContaining(withoutUndefined(registered)),
    ]);
    for (const [member, value] of Object.entries(registered))
      if (value === undefined) expect([asked, json(answer)[member]]).toEqual([asked, undefined]);
  }
});

function withoutUndefined(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

it('refuses a client without a supported grant type or response type, and malformed metadata', async () => {
  const unsupported = [
    { ...web, response_types: ['token'] },
    { ...web, grant_types: ['implicit'] },
    { ...web, client_name: 'x'.repeat(101) },
    { ...web, client_name: '   ' },
    { ...web, client_name: 5 },
    { ...web, redirect_uris: 'https://app.example/cb' },
    { ...web, redirect_uris: [5] },
    { ...web, contacts: ['x'.repeat(30_000)] },
    [],
    'text',
  ];
  for (const metadata of unsupported) {
    const answer = await register(metadata);
    expect([metadata, answer.status >= 400 && answer.status < 500, /\n\s+at /.test(answer.text)]).toEqual([
      metadata,
      true,
      false,
    ]);
  }
});

const ordinaryNames = [
  ['❤️ Notes', '☎︎ Calls', '👩🏽‍💻 Code', '👨‍👩‍👧 Family', '🏳️‍🌈 Chat', '🏴󠁧󠁢󠁥󠁮󠁧󠁿 Chat', '1️⃣ First', '🇩🇪 Chat', '🐱‍👤'],
  // a joiner and a non-joiner that the spelling needs, and marks that cannot be composed
  [
    'می‌شود',
    'क्‍ष',
    'Café',
    'Cafe\u0301',
    'Tiếng Việt'.normalize('NFD'),
    'ཧཱུྃ',
    'น้ำ',
    'လျှော့',
    'שָׁלוֹם',
    '메모',
    '株式会社\u3000葛',
  ],
].flat();

it.each(ordinaryNames)('C2: the client name %s is accepted and shown as it is', async (client_name) => {
  const { status, text } = await register({ ...web, client_name });
  const { client_id } = JSON.parse(text) as { readonly client_id?: string };
  expect(status).toBe(201);
  const client = { id: String(client_id), secret: undefined, redirectUri: 'https://app.example/cb' };
  const page = await (await createOwner(server)).browser.open((await buildRequest(server, client)).url);
  expect(page.text).toContain(`<bdi>${client_name}</bdi>`);
});

it('C2: a deceptive client name is refused, and any other hostile name is harmless', async () => {
  for (const client_name of deceptiveNames)
    expect([client_name, (await register({ ...web, client_name })).status]).toEqual([client_name, 400]);
  const hostile = '<img src=x onerror=alert(1)>"\'&';
  const { client_id } = json(await register({ ...web, client_name: hostile }));
  const owner = await createOwner(server);
  const client = { id: String(client_id), secret: undefined, redirectUri: 'https://app.example/cb' };
  const page = await owner.browser.open((await buildRequest(server, client)).url);
  expect(page.text).not.toContain('<img');
  expect(readText(page.text)).toContain(hostile);
  for (const [name, shown] of [
    ['Bank\u202eknaB', 'Bank knaB'],
    ['Bank\u3164\u2800by us', 'Bank by us'],
  ] as const) {
    const stored = await addClient(server, { name });
    expect((await owner.browser.open((await buildRequest(server, stored)).url)).text).toContain(`<bdi>${shown}</bdi>`);
  }
});

it('a client without a name is named after the host of its redirect URI', async () => {
  const { client_id } = json(await register({ ...web, client_name: undefined }));
  const { name } = await server.db
    .selectFrom('clients')
    .select('name')
    .where('id', '=', String(client_id))
    .executeTakeFirstOrThrow();
  expect(name).toBe('app.example');
});

it('ignores a client’s claim that the operator registered it', async () => {
  const { client_id } = json(await register({ ...web, registered_by: 'operator', client_id: 'resource-proxy' }));
  expect(client_id).not.toBe('resource-proxy');
  const row = await server.db
    .selectFrom('clients')
    .selectAll()
    .where('id', '=', String(client_id))
    .executeTakeFirstOrThrow();
  expect(row.registered_by).toBe('registration');
  expect(row.metadata['registered_by']).toBeUndefined();
});

it('registers no client if registration is off, and requires the initial access token if one is configured', async () => {
  const off = await startTestServer({ configuration: { clientRegistration: { kind: 'off' } } });
  expect((await register(web, { of: off })).status).toBe(404);
  expect(
    json(await send(`${off.issuer}/.well-known/oauth-authorization-server`))['registration_endpoint'],
  ).toBeUndefined();
  await off.close();
  const token = 'an-initial-access-token-0123456789abcdef';
  const gated = await startTestServer({ configuration: { clientRegistration: { kind: 'token', token } } });
  expect((await register(web, { of: gated })).status).toBe(401);
  expect((await register(web, { of: gated, token: 'wrong' })).status).toBe(401);
  expect((await register(web, { of: gated, token })).status).toBe(201);
  await gated.close();
});

it('the registration endpoint offers no way to read or change a client', async () => {
  const { client_id } = json(await register(web));
  for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
    const answer = await send(`${server.issuer}/register/${String(client_id)}`, {
      method,
      headers: { authorization: 'Bearer x' },
    });
    expect([method, answer.status >= 400]).toEqual([method, true]);
  }
  expect(await new Browser(server.issuer).open('/register').then(({ status }) => status)).toBe(405);
});

it('T6: one network may register a hundred clients an hour, over all replicas; refused registrations do not count', async () => {
  const limited = await startTestServer({ replicas: 2, configuration: { trustedProxyHops: 1 } });
  const from = (address: string, metadata: unknown, replica = 0) =>
    send(`${limited.urls[replica]}/register`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        host: new URL(limited.issuer).host,
        'x-forwarded-for': address,
      },
      body: JSON.stringify(metadata),
    });
  for (let index = 0; index < 110; index += 1)
    expect((await from('2001:db8::1', { ...web, redirect_uris: ['http://app.example/cb'] })).status).toBe(400);
  // The addresses of an IPv6 /64 are counted together, because one subscriber has all of them.
  for (let index = 0; index < 100; index += 1)
    expect((await from(`2001:db8::${index}`, web, index % 2)).status).toBe(201);
  const { length: clients } = await limited.db.selectFrom('clients').select('id').execute();
  for (const replica of [0, 1]) {
    const answer = await from('2001:db8::ffff', web, replica);
    expect([answer.status, json(answer)['error']]).toEqual([429, 'too_many_attempts']);
    const retryAfterSeconds = Number(header(answer, 'retry-after'));
    expect(retryAfterSeconds).toBeGreaterThan(0);
    expect(retryAfterSeconds).toBeLessThanOrEqual(3_600);
  }
  expect((await limited.db.selectFrom('clients').select('id').execute()).length).toBe(clients);
  expect((await from('2001:db8:0:1::1', web)).status).toBe(201);
  await limited.close();
});

it('T6: no other spelling of the path registers a client, because it would not be counted', async () => {
  const count = async () => (await server.db.selectFrom('clients').select('id').execute()).length;
  const before = await count();
  for (const path of ['/REGISTER', '/Register', '/register/', '/REGISTER/', '//register', '/%72egister']) {
    const headers = { 'content-type': 'application/json' };
    const answer = await send(`${server.issuer}${path}`, { method: 'POST', headers, body: JSON.stringify(web) });
    expect([path, answer.status]).toEqual([path, 404]);
  }
  expect(await count()).toBe(before);
});

it('the number of registrations with the initial access token is not limited', async () => {
  const token = 'the-registration-token-of-these-tests-0123456789';
  const trusting = await startTestServer({ configuration: { clientRegistration: { kind: 'token', token } } });
  for (let index = 0; index < 101; index += 1) expect((await register(web, { of: trusting, token })).status).toBe(201);
  await trusting.close();
});

it('registers a client for terminals (RFC 8628), without a redirect URI unless it may also use authorization codes', async () => {
  const { redirect_uris: redirectUris, ...named } = native;
  const terminal = { grant_types: [deviceGrantType, 'refresh_token'], response_types: [], redirect_uris: [] };
  const both = { grant_types: ['authorization_code', deviceGrantType], response_types: ['code'] };
  const cases = [
    [{ grant_types: terminal.grant_types }, terminal],
    [{ grant_types: terminal.grant_types, response_types: [], redirect_uris: [] }, terminal],
    [{ grant_types: both.grant_types, redirect_uris: redirectUris }, both],
  ] as const;
  for (const [asked, expected] of cases) {
    const registered = json(await register({ ...named, ...asked }));
    expect(compileRegistered(registered)).toBeUndefined();
    const grantTypes = [...expected.grant_types];
    expect(registered).toMatchObject({ ...expected, grant_types: expect.arrayContaining(grantTypes) });
    const id = String(registered['client_id']);
    expect((await postForm(`${server.issuer}/device_authorization`, { client_id: id })).status).toBe(200);
    const { metadata } = await server.db
      .selectFrom('clients')
      .select('metadata')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    // A server of the previous release refuses a client with a grant type that it does not know.
    expect(metadata['grant_types']).toEqual(expected.grant_types.filter((one) => one !== deviceGrantType));
  }
  expect((await register({ ...named, grant_types: ['authorization_code', deviceGrantType] })).status).toBe(400);
});
