import { readdirSync, readFileSync } from 'node:fs';
import { auditEventKinds } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { callApi, makeToken } from './support/account-api.js';
import { readText } from './support/browser.js';
import { addClient, connect, type TestClient } from './support/client.js';
import { header } from './support/http.js';
import { createOwner, getLastGrant, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let client: TestClient;
let other: TestClient;
beforeAll(async () => {
  server = await startTestServer();
  client = await addClient(server, { name: '=cmd|"Recipe" <b>Helper</b>' });
  other = await addClient(server, { name: 'Travel Planner' });
});
afterAll(() => server.close());

const path = '/account/activity';
const key = `sk-proj-${'canary'.repeat(5)}`;

async function open({ browser }: Owner, query: Readonly<Record<string, string>> = {}) {
  return browser.open(`${path}?${new URLSearchParams(query)}`);
}

/** An owner who connected two apps, removed the access of the first, and stored a provider key. */
async function createBusyOwner(): Promise<Owner> {
  const owner = await createOwner(server);
  const { browser } = owner;
  await connect(server, browser, client);
  const grant = await getLastGrant(server, owner);
  await browser.submit(await browser.open(`/account/grants/${grant.id}`), `/account/grants/${grant.id}/revoke`);
  await connect(server, browser, other);
  await browser.submit(await browser.open('/account/keys'), '/account/keys', { upstream: 'openai', key });
  return owner;
}

it('the activity page describes the events of the account, the latest first, and links to the access of an app', async () => {
  const owner = await createBusyOwner();
  const page = await open(owner);
  const text = readText(page.text);
  const shown = text.slice(text.indexOf('Show'));
  expect(shown).toMatch(
    /API key added OpenAI .*You gave access Travel Planner .*You removed access =cmd.*You gave access =cmd.*Account created/,
  );
  expect(text).not.toContain('renewed its access 2');
  expect(page.text).toContain(`href="/account/grants/${(await getLastGrant(server, owner)).id}"`);
  expect(page.text).not.toMatch(/<b>Helper|canary/);
});

it('the activity page names the API token of a program that did something, even after the token was removed', async () => {
  const owner = await createOwner(server);
  await connect(server, owner.browser, client);
  const token = await makeToken(owner, ['manage'], 'Night watch');
  await callApi(server, token, 'DELETE /api/account/apps');
  await callApi(server, token, 'PATCH /api/account', { body: { max_cost_usd_per_month: '5' } });
  const { body } = await callApi<{ token: { token_id: string } }>(server, token, 'GET /api/account');
  await callApi(server, token, 'DELETE /api/account/tokens/{token_id}', { value: body.token.token_id });
  const text = readText((await open(owner)).text);
  const program = 'By a program with the API token “ Night watch ”';
  expect(text).toContain(`API token removed Night watch ${program}`);
  expect(text).toContain(`Overall spending limit changed Overall spending limit: No limit → $5.00 ${program}`);
  expect(text).toMatch(new RegExp(`You removed access =cmd.{0,60}${program}.*API token created Night watch`));
});

it('the activity can be filtered by kind and by app; an unknown app finds nothing, and an unknown kind is ignored', async () => {
  const owner = await createBusyOwner();
  const rows = async (query: Readonly<Record<string, string>>) =>
    [...(await open(owner, query)).text.matchAll(/<strong>([^<]*)<\/strong>/g)].map(([, title]) => title);
  expect(await rows({ kind: 'keys' })).toEqual(['API key added']);
  expect(await rows({ kind: 'signIn' })).toEqual(['Account created']);
  expect(await rows({ kind: 'apps', app: other.id })).toEqual(['You gave access']);
  expect(await rows({ kind: 'tokens' })).toEqual(['App renewed its access', 'App renewed its access']);
  expect(await rows({ kind: 'apps', app: 'nobody' })).toEqual([]);
  expect(await rows({ kind: 'nonsense', before: 'x' })).toHaveLength(5);
});

it('the activity is linked from the settings and from the overview, and leads back to the settings', async () => {
  const { browser } = await createOwner(server);
  for (const from of ['/account/settings', '/account'])
    expect([from, (await browser.open(from)).text]).toEqual([from, expect.stringContaining(`href="${path}"`)]);
  const { text } = await browser.open(path);
  expect(text).toMatch(/<p class="back"><a href="\/account\/settings">Settings<\/a>/);
  expect(text).toContain('<a href="/account/settings" aria-current="page">');
});

it('the activity page never shows events of another account', async () => {
  const [owner, stranger] = [await createBusyOwner(), await createOwner(server)];
  const page = await open(stranger, { app: other.id });
  expect(readText(page.text)).toContain('Nothing matches this filter.');
  expect((await open(stranger)).text).not.toContain((await getLastGrant(server, owner)).id);
});

it('the pages of the activity show every event once', async () => {
  const owner = await createOwner(server);
  const values = { event: 'signed_in', account_id: owner.accountId, detail: '{}' };
  await server.db
    .insertInto('audit_events')
    .values(Array.from({ length: 110 }, () => values))
    .execute();
  const counts: number[] = [];
  let page = await open(owner);
  for (;;) {
    counts.push(page.text.match(/<strong>/g)?.length ?? 0);
    const [, next] = /<a rel="next" href="([^"]*before=\d+)"/.exec(page.text) ?? [];
    if (next === undefined) break;
    page = await owner.browser.open(next.replaceAll('&amp;', '&'));
  }
  expect(counts).toEqual([25, 25, 25, 25, 11]);
  expect(readText(page.text)).toContain('Latest');
});

// The ids at the beginning of titles are rows of docs/security.md.
it('L7: the activity is exported as JSON lines and as CSV after a recent sign-in, without formulas, and lists the export', async () => {
  const owner = await createBusyOwner();
  const { browser } = owner;
  server.advanceClock(600);
  const asked = await browser.submit(await open(owner, { kind: 'apps' }), `${path}/export`, { format: 'json' });
  expect([asked.status, readText(asked.text)]).toEqual([422, expect.stringContaining('Confirm it’s you to download.')]);
  const confirmed = await browser.submit(asked, `${path}/export`, { format: 'json', password });
  server.advanceClock(-600);
  expect([confirmed.url.href, readText(confirmed.text)]).toEqual([
    expect.stringContaining(`${path}?kind=apps&`),
    expect.stringContaining('Confirmed. You can download now.'),
  ]);
  const json = await browser.submit(confirmed, `${path}/export`, { format: 'json' });
  expect([json.status, header(json, 'content-type'), header(json, 'content-disposition')]).toEqual([
    200,
    'application/jsonl; charset=utf-8',
    'attachment; filename="account-activity.jsonl"',
  ]);
  expect(
    json.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toMatchObject([
    { event: 'consent_given', description: 'You gave access', app: 'Travel Planner', client_id: other.id },
    { event: 'grant_revoked', description: 'You removed access' },
    { event: 'consent_given' },
  ]);
  const csv = await browser.submit(await open(owner), `${path}/export`, { format: 'csv' });
  expect(header(csv, 'content-type')).toBe('text/csv; charset=utf-8');
  const lines = csv.text.trimEnd().split('\r\n');
  expect(lines[0]).toBe('time,event,description,app,client_id,access,details');
  expect(lines[1]).toMatch(/^"\d{4}-[^"]*Z","activity_exported","Account activity downloaded",/);
  expect(csv.text).toContain(`"'=cmd|""Recipe"" <b>Helper</b>"`);
  expect(csv.text).not.toContain('canary');
});

it('every kind of event that SQL of the store writes is in the list of kinds, so that pages have words for it', () => {
  const store = new URL('../../../store/', import.meta.url);
  const files = ['src/', 'functions/'].flatMap((folder) =>
    readdirSync(new URL(folder, store), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|sql)$/.test(name))
      .map((name) => readFileSync(new URL(folder + name, store), 'utf8')),
  );
  const written = files.flatMap((text) =>
    [...text.matchAll(/into audit_events \(event[^)]*\)\s+(?:select|values \()([^,]*),/g)].flatMap(
      ([, expression = '']) => [...expression.matchAll(/'(\w+)'/g)].map(([, kind]) => kind),
    ),
  );
  expect(written.length).toBeGreaterThan(10);
  expect(written.filter((kind) => !auditEventKinds.some((known) => known === kind))).toEqual([]);
});
