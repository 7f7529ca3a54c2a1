import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser } from './support/browser.js';
import {
  addClient,
  buildRequest,
  connect,
  introspect,
  redeem,
  refresh,
  revoke,
  type TestClient,
} from './support/client.js';
import { type DatabaseLink, openDatabaseLink } from './support/database-link.js';
import { type Answer, header, json, postForm, send } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let link: DatabaseLink;
let server: TestServer;
let client: TestClient;
let owner: Owner;
let database: TestDatabase;
let closeDatabase: () => Promise<void>;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  closeDatabase = database.close;
  link = await openDatabaseLink(database.urls.authorization);
  server = await startTestServer({ database: { ...database, urls: { ...database.urls, authorization: link.url } } });
  client = await addClient(server);
  owner = await createOwner(server);
});
afterAll(async () => {
  await server.close();
  await link.close();
  await closeDatabase();
});

it('while the database is unavailable, every endpoint that needs it answers 503 with Retry-After and no details', async () => {
  const tokens = await connect(server, owner.browser, client);
  const { url } = await buildRequest(server, client);
  const consent = await owner.browser.open(new URL(`${url.href}&prompt=consent`));
  const post = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"redirect_uris":["https://app.example/cb"]}',
  };
  link.cut();
  const answers: Record<string, Answer> = {
    health: await send(`${server.issuer}/health`),
    authorize: await new Browser(server.issuer).open(url),
    authorizeSignedIn: await owner.browser.open(url),
    token: await redeem(server, client, { code: 'x', codeVerifier: 'y' }),
    refresh: await refresh(server, client, tokens.refresh_token),
    revoke: await revoke(server, client, tokens.refresh_token),
    introspect: await postForm(
      `${server.issuer}/introspect`,
      { token: tokens.access_token },
      { authorization: 'Basic eDp5' },
    ),
    register: await send(`${server.issuer}/register`, post),
    grants: await owner.browser.open('/account/apps'),
    keys: await owner.browser.open('/account/keys'),
    consent: await owner.browser.submit(consent, `${consent.url.pathname}/consent`, { decision: 'allow' }),
  };
  for (const [name, answer] of Object.entries(answers)) {
    expect([name, answer.status]).toEqual([name, 503]);
    expect(Number(header(answer, 'retry-after'))).toBeGreaterThan(0);
    expect(answer.text).not.toMatch(/postgres|ECONN|127\.0\.0\.1:\d+\/|\n\s+at |select |insert /i);
    expect(answer.headers['location']).toBeUndefined();
  }
  expect(json(answers['token'] as Answer)['error']).toBe('temporarily_unavailable');
  link.mend();
});

it('the server works again without a restart once the database is back; refused requests changed nothing', async () => {
  const tokens = await connect(server, owner.browser, client);
  link.cut();
  expect((await refresh(server, client, tokens.refresh_token)).status).toBe(503);
  expect((await revoke(server, client, tokens.access_token)).status).toBe(503);
  link.mend();
  expect((await send(`${server.issuer}/health`)).status).toBe(200);
  expect(await introspect(server, tokens.access_token)).toMatchObject({ active: true });
  expect((await revoke(server, client, tokens.access_token)).status).toBe(200);
  expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
});

// The ids at the beginning of titles are rows of docs/security.md.
it('W2: if a table is missing while the server runs, the answer is 503 and not 500; the server recovers without a restart', async () => {
  const tokens = await connect(server, owner.browser, client);
  const rename = (from: string, to: string) => database.db.schema.alterTable(from).renameTo(to).execute();
  const isReady = async () => (await send(`${server.issuer}/health/ready`)).status === 200;
  expect(await isReady()).toBe(true);
  await rename('artifacts', 'artifacts_of_tomorrow');
  const refused = await refresh(server, client, tokens.refresh_token);
  expect([refused.status, Number(header(refused, 'retry-after'))]).toEqual([503, 5]);
  expect(json(refused)['error']).toBe('temporarily_unavailable');
  const unready = await send(`${server.issuer}/health/ready`);
  expect([unready.status, json(unready)['checks']]).toMatchObject([
    503,
    { schema: { ok: false }, database: { ok: true } },
  ]);
  await rename('artifacts_of_tomorrow', 'artifacts');
  for (const end = Date.now() + 10_000; Date.now() < end && !(await isReady()); ) await sleep(20);
  expect(await isReady()).toBe(true);
  expect((await refresh(server, client, tokens.refresh_token)).status).toBe(200);
});
