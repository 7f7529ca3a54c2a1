import { randomBytes } from 'node:crypto';
import { createTestDatabase } from '@aipassport/store/testing';
import { afterEach, expect, it } from '@jest/globals';
import { deviceGrantType, exchangeGrantType } from '../src/oidc/offered.js';
import { Browser } from './support/browser.js';
import { addClient, buildRequest, type TestClient } from './support/client.js';
import { type Answer, basic, header, json, postForm, send } from './support/http.js';
import { createOwner } from './support/owner.js';
import { startTestServer, type TestServer, type TestServerOptions } from './support/start-server.js';

let server: TestServer;
let client: TestClient;
afterEach(() => server.close());

async function start(options: TestServerOptions = {}): Promise<void> {
  server = await startTestServer({ ...options, configuration: { trustedProxyHops: 1, ...options.configuration } });
  client = await addClient(server, { isPublic: true });
}

/** Sends a request without a sign-in, from the IP address `from`, to one of the replicas. */
async function authorize(
  parameters: Readonly<Record<string, string>>,
  from = '198.51.100.7',
  replica = 0,
): Promise<Answer> {
  const { url } = await buildRequest(server, client, parameters);
  const target = new URL(`${url.pathname}${url.search}`, server.urls[replica]);
  return send(target, { headers: { host: new URL(server.issuer).host, accept: 'text/html', 'x-forwarded-for': from } });
}

async function push(parameters: Readonly<Record<string, string>>, from = '198.51.100.7'): Promise<Answer> {
  const { url } = await buildRequest(server, client, parameters);
  return postForm(`${server.issuer}/par`, Object.fromEntries(url.searchParams), { 'x-forwarded-for': from });
}

async function countStored(): Promise<number> {
  return (await server.db.selectFrom('artifacts').select('model').execute()).length;
}

/** The largest details of an honest app: up to 100 models of the catalogue, and every other detail. */
function honestDetails(): string {
  const models = server.configuration.models.models.map(({ id }) => id).slice(0, 100);
  const limits = { max_requests: 1_000, max_cost_usd: '20.00', expires_in: 2_592_000, reason: 'x'.repeat(300) };
  return JSON.stringify([{ type: 'ai_access', models, capabilities: ['chat', 'embeddings'], ...limits }]);
}

// The ids at the beginning of titles are rows of docs/security.md.
it('3.7: /authorize and /par refuse a request that is too large, and store nothing of it', async () => {
  await start();
  const tooLarge = [
    { state: 's'.repeat(2_049) },
    { state: '\u{1f4a5}'.repeat(513) },
    { login_hint: 'h'.repeat(4_000) },
    { 'not-known': 'x'.repeat(4_096) },
    { ['n'.repeat(4_096)]: '' + 'x' },
    { authorization_details: `[{"type":"ai_access","reason":"${'r'.repeat(4_096)}"}]` },
  ];
  for (const parameters of tooLarge) {
    const [shown, pushed] = [await authorize(parameters), await push(parameters)];
    expect([shown.status, pushed.status, json(pushed)['error']]).toEqual([400, 400, 'invalid_request']);
  }
  expect((await send(`${server.issuer}/logout?state=${'s'.repeat(2_049)}`)).status).toBe(400);
  expect(await countStored()).toBe(0);
  const atTheBound = { state: 's'.repeat(2_048), authorization_details: honestDetails(), scope: 'cap:chat' };
  expect([(await authorize(atTheBound)).status, (await push(atTheBound)).status]).toEqual([303, 201]);
});

it('3.7: /token refuses details that are too large before it reads any of them, for each grant type', async () => {
  await start();
  const details = Array.from({ length: 600 }, (_, index) => ({ type: 'ai_access', max_requests: index + 1 }));
  const half = details.slice(0, 60);
  for (const grant_type of ['authorization_code', 'refresh_token', deviceGrantType, exchangeGrantType])
    for (const given of [[details], [half, half]]) {
      const form = [
        ['client_id', client.id],
        ['grant_type', grant_type],
        ...given.map((each) => ['authorization_details', JSON.stringify(each)]),
      ];
      const answer = await send(`${server.issuer}/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      });
      expect([answer.status, json(answer)]).toEqual([
        400,
        {
          error: 'invalid_request',
          error_description: 'The authorization_details of this request are longer than 4096 bytes.',
        },
      ]);
    }
});

it('3.7: one network may begin 300 requests in ten minutes without a sign-in, over all replicas; other networks are served', async () => {
  await start({ replicas: 2 });
  const owner = await createOwner(server);
  // Random values, because repetitive data is stored compressed.
  const random = (length: number) => randomBytes(length).toString('base64url').slice(0, length);
  const largest = { state: random(2_048), login_hint: random(1_500), authorization_details: honestDetails() };
  const before = await sizeOfArtifacts();
  const statuses: number[] = [];
  for (let index = 0; index < 100; index += 1) {
    const answers = [authorize(largest), authorize(largest, '198.51.100.7', 1), push(largest)];
    statuses.push(...(await Promise.all(answers)).map(({ status }) => status));
  }
  expect(new Set(statuses)).toEqual(new Set([201, 303]));
  const bytesEach = ((await sizeOfArtifacts()) - before) / statuses.length;
  console.info(JSON.stringify({ event: 'anonymous_requests_measured', bytes_each: Math.round(bytesEach) }));
  expect(bytesEach).toBeLessThan(12_000);

  for (const refused of [await authorize({}), await authorize({}, '198.51.100.7', 1), await push({})]) {
    expect(refused.status).toBe(429);
    expect(Number(header(refused, 'retry-after'))).toBeGreaterThan(0);
    expect(Number(header(refused, 'retry-after'))).toBeLessThanOrEqual(600);
  }
  expect((await authorize({}, '198.51.100.8')).status).toBe(303);
  const { url } = await buildRequest(server, client);
  const cookie = owner.browser.cookieHeader(url);
  const signedIn = await send(url, { headers: { cookie, accept: 'text/html', 'x-forwarded-for': '198.51.100.7' } });
  expect(signedIn.status).toBe(303);
});

it('3.7: a whole /64 of IPv6 counts as one network; requests that a backend pushes with its secret are not counted', async () => {
  await start();
  const { id, secret = '' } = await addClient(server);
  for (let index = 0; index < 300; index += 1) await authorize({}, `2001:db8:1:2::${index.toString(16)}`);
  expect((await authorize({}, '2001:db8:1:2:ffff::1')).status).toBe(429);
  expect((await authorize({}, '2001:db8:1:3::1')).status).toBe(303);
  const { url } = await buildRequest(server, { ...client, id, secret });
  const form = Object.fromEntries(url.searchParams);
  const headers = { ...basic(id, secret), 'x-forwarded-for': '2001:db8:1:2::1' };
  for (let index = 0; index < 310; index += 1)
    expect((await postForm(`${server.issuer}/par`, form, headers)).status).toBe(201);
});

it('3.7: a request with an empty client secret is counted like one without authentication', async () => {
  await start();
  const { url } = await buildRequest(server, client);
  const form = { ...Object.fromEntries(url.searchParams), client_secret: '' };
  const statuses: number[] = [];
  for (let index = 0; index < 301; index += 1)
    statuses.push((await postForm(`${server.issuer}/par`, form, { 'x-forwarded-for': '198.51.100.7' })).status);
  expect([statuses.slice(0, 300).every((status) => status === 201), statuses[300]]).toEqual([true, 429]);
});

it('3.7: rows that are stored before a sign-in are removed within 30 minutes', async () => {
  const database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  try {
    await start({ database });
    const visitor = new Browser(server.issuer);
    const { url } = await buildRequest(server, client);
    await visitor.open(url);
    await push({});
    await visitor.open('/logout');
    await visitor.open('/account/sign-in');
    await visitor.open('/account/create');
    const rows = await server.db.selectFrom('artifacts').select(['model', 'expires_at']).orderBy('model').execute();
    expect(rows.map(({ model }) => model)).toEqual(['Interaction', 'PushedAuthorizationRequest', 'Session']);
    // Expired rows are removed every ten minutes, at the earliest a minute after they expire.
    const minutesStored = (expiresAt: Date | null) => ((expiresAt?.getTime() ?? Infinity) - Date.now()) / 60_000 + 11;
    for (const { model, expires_at } of rows) expect([model, minutesStored(expires_at) <= 30]).toEqual([model, true]);
    expect(await listStored()).toEqual(['artifacts', 'attempts']);
  } finally {
    await database.close();
  }
});

async function sizeOfArtifacts(): Promise<number> {
  const { size } = await server.db
    .selectNoFrom((of) => of.fn<string>('pg_total_relation_size', [of.val('artifacts')]).as('size'))
    .executeTakeFirstOrThrow();
  return Number(size);
}

/** The names of the tables below that contain a row. */
async function listStored(): Promise<readonly string[]> {
  const tables = ['accounts', 'owner_sessions', 'artifacts', 'grants', 'audit_events', 'attempts'] as const;
  const found = await Promise.all(
    tables.map((table) =>
      server.db
        .selectFrom(table)
        .select((of) => of.val(1).as('one'))
        .limit(1)
        .execute(),
    ),
  );
  return tables.filter((_, index) => (found[index]?.length ?? 0) > 0);
}
