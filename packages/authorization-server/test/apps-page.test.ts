import { monthBefore } from '@aipassport/policy';
import { setAccountLimit } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { deriveAppId } from '../src/account/app-id.js';
import { textsIn } from '../src/texts/texts.js';
import { readForm, readText } from './support/browser.js';
import { addClient, appPathOf, connect, introspect, refresh, type TestClient, usualScope } from './support/client.js';
import { encodeForm, header, json, send } from './support/http.js';
import { createOwner, getLastGrant, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let database: TestDatabase;
let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({ database, replicas: 2 });
  client = await addClient(server, { name: 'Recipe Helper' });
  owner = await createOwner(server);
});
beforeEach(waitPastMidnight);
afterAll(async () => {
  await server.close();
  await database.close();
});

const openApps = async (somebody: Owner) => readText((await somebody.browser.open('/account/apps')).text);
const openApp = (somebody: Owner, app = client) => somebody.browser.open(appPathOf(app));
const removeApp = async (somebody: Owner, app = client) =>
  somebody.browser.submit(await openApp(somebody, app), `${appPathOf(app)}/remove`);

// The ids at the beginning of titles are rows of docs/security.md.
it('C7: the owner sees an app with its usage, and removing its access takes effect at once', async () => {
  const somebody = await createOwner(server);
  const tokens = await connect(server, somebody.browser, client, {}, { max_requests: '40' });
  await server.db
    .updateTable('grants')
    .set({ used_requests: 13n })
    .where('account_id', '=', somebody.accountId)
    .execute();
  expect(readText((await openApp(somebody)).text)).toContain('13 of 40 used');
  expect((await introspect(server, tokens.access_token))['active']).toBe(true);
  const done = await removeApp(somebody);
  expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
  expect(json(await refresh(server, client, tokens.refresh_token))['error']).toBe('invalid_grant');
  expect(readText(done.text)).toContain(
    'The app can no longer use your AI. Ended: 1 connection, 2 sign-ins of the app.',
  );
  expect(readText(done.text)).toContain('You removed access on');
  expect((await getLastGrant(server, somebody)).status).toBe('revoked');
  expect(tokens.scope).toBe(usualScope);
  expect(await openApps(somebody)).toMatch(/No connected apps\. .*Past access \(1\).*Recipe Helper/);
});

it('the page of an app shows the usage of this app in this month, by day, as a chart and as tables', async () => {
  const somebody = await createOwner(server);
  const other = await addClient(server, { name: 'Other App' });
  await connect(server, somebody.browser, other, {}, { max_cost_usd: '5' });
  await useGrant(server, await getLastGrant(server, somebody), { cost: 700_000_000n, estimate: 800_000_000n });
  await connect(server, somebody.browser, client, {}, { max_cost_usd: '5', expires_in: '86400' });
  expect((await openApp(somebody)).text).not.toContain('class="chart"');
  const grant = await getLastGrant(server, somebody);
  await useGrant(server, grant, { cost: 250_000_000n, estimate: 300_000_000n });
  await useGrant(server, grant, { cost: 50_000_000n, estimate: 300_000_000n });
  const { text: html } = await openApp(somebody);
  const text = readText(html);
  expect(html).toMatch(/<svg class="chart"[^>]* aria-label="Spending on each day of [^"]*Highest: \$0\.30 on/);
  expect(text).toContain('$0.30 for 2 requests');
  expect(text).toMatch(/Day Requests Cost \d+ \w+ 2 \$0\.30/);
  expect(text).toContain('GPT-4o (OpenAI) 2 $0.30');
  expect(html).toMatch(/<time datetime="[^"]+Z">now<small>[^<]+<\/small><\/time>/);
});

it('the page of an app shows its usage in each month since the first one, at most twelve, as a chart and as a table', async () => {
  const somebody = await createOwner(server);
  await connect(server, somebody.browser, client, {}, { max_cost_usd: '5' });
  const grant = await getLastGrant(server, somebody);
  const useBefore = async (months: number, cost: bigint) => {
    await useGrant(server, grant, { cost, estimate: cost });
    for (const table of ['usage_recent', 'usage_days'])
      await database.query(
        `update ${table} set month = month - $1 * interval '1 month'
          where account_id = $2 and month = date_trunc('month', now() at time zone 'UTC')`,
        [months, grant.account_id],
      );
  };
  await useBefore(0, 100_000_000n);
  expect((await openApp(somebody)).text).not.toContain('Spending over time');
  await useBefore(14, 400_000_000n); // also moves the request above
  await useBefore(3, 700_000_000n);
  const { text: html } = await openApp(somebody);
  const month = textsIn('en').month(`${monthBefore(new Date().toISOString().slice(0, 7), 3)}-01`);
  expect(html).toContain(`aria-label="Spending in each month. Highest: $0.70 in ${month}."`);
  const [, chart = ''] = /aria-label="Spending in each month[^>]*>(.*?)<\/svg>/.exec(html) ?? [];
  expect([...chart.matchAll(/ height="(\d+)"/g)].map(([, height]) => height)).toEqual(['1000', '0', '0', '0']);
  expect(readText(html)).toContain(`By month Month Requests Cost ${month} 1 $0.70 Activity`);
  await useBefore(0, 200_000_000n);
  expect((await openApp(somebody)).text).toMatch(/Spending on each day.*Spending in each month/s);
});

it('when the overall limit is used up, the pages of the apps and of one app say so, and where to raise it', async () => {
  const somebody = await createOwner(server);
  await connect(server, somebody.browser, client, {}, { max_cost_usd: '5' });
  const grant = await getLastGrant(server, somebody);
  await setAccountLimit(server.db, { accountId: somebody.accountId, maxCostPerMonth: 1_000_000_000n, mayRaise: true });
  const reached = 'Overall spending limit reached until';
  expect(await openApps(somebody)).not.toContain(reached);
  await useGrant(server, grant, { cost: 1_000_000_000n, estimate: 1_000_000_000n });
  const next = monthBefore(new Date().toISOString().slice(0, 7), -1);
  const day = textsIn('en').nearDay(new Date(`${next}-01T00:00:00Z`), 'UTC', new Date());
  const notice = `${reached} ${day}. Your apps together can spend $1.00 a month. Raise the limit to let them continue now.`;
  for (const [page, link] of [
    ['/account/apps', '/account/settings'],
    ['/account', '/account/settings'],
    [appPathOf(client), `/account/grants/${grant.id}/limits?limit=account`],
    [`/account/grants/${grant.id}`, `/account/grants/${grant.id}/limits?limit=account`],
  ] as const) {
    const { text } = await somebody.browser.open(page);
    expect([page, readText(text)]).toEqual([page, expect.stringContaining(notice)]);
    expect(text).toContain(`<a href="${link}">Raise the limit</a>`);
  }
});

it.each([
  ['max_cost_usd_per_day', 1],
  ['max_cost_usd_per_month', 0],
] as const)('an app whose %s is used up has a badge with the day on which it can continue', async (limit, days) => {
  const somebody = await createOwner(server);
  await connect(server, somebody.browser, client, {}, { max_cost_usd: '5', [limit]: '0.50' });
  const grant = await getLastGrant(server, somebody);
  expect(await openApps(somebody)).not.toContain('Limit reached');
  await useGrant(server, grant, { cost: 500_000_000n, estimate: 500_000_000n });
  const now = new Date();
  const month = monthBefore(now.toISOString().slice(0, 7), -1);
  const start = days === 1 ? new Date(now.getTime() + 86_400_000) : new Date(`${month}-01T00:00:00Z`);
  const until = `Limit reached until ${textsIn('en').nearDay(start, 'UTC', now)}`;
  expect(await openApps(somebody)).toContain(until);
  const { text } = await openApp(somebody);
  expect(readText(text)).toContain(`${until}. Raise the limit to let this app continue now.`);
  expect(text).toContain(`<a href="/account/grants/${grant.id}/limits?limit=${limit}">Raise the limit</a>`);
});

it('an app that was connected three times is one entry, and removing its access ends everything that it has', async () => {
  const somebody = await createOwner(server);
  const scope = 'model:gpt-4o cap:chat';
  const tokens = [
    await connect(server, somebody.browser, client, { scope }, { max_cost_usd: '1' }),
    await connect(server, somebody.browser, client, {}, { max_cost_usd: '2' }),
    await connect(server, somebody.browser, client, {}, { max_cost_usd: '0.50' }),
  ];
  const grant = await getLastGrant(server, somebody);
  await useGrant(server, grant, { cost: 250_000_000n, estimate: 250_000_000n });
  await useGrant(server, grant);
  const text = await openApps(somebody);
  expect(text.match(/Recipe Helper/g)).toHaveLength(1);
  expect(text).toContain('$0.25 of $3.50 used');
  expect(text).toContain('1 more is in progress');
  expect(text).toContain('chat, embeddings · GPT-4o, Claude Sonnet 4.5');
  expect(readText((await openApp(somebody)).text)).toContain('This app is connected 3 times');
  const done = await removeApp(somebody);
  expect(readText(done.text)).toContain('Ended: 3 connections, 6 sign-ins of the app, 1 answer in progress.');
  for (const { access_token: token } of tokens) expect(await introspect(server, token)).toEqual({ active: false });
  expect(await useGrant(server, grant)).not.toBe('admitted');
});

it('one of several accesses can be removed alone', async () => {
  const somebody = await createOwner(server);
  const first = await connect(server, somebody.browser, client);
  const { id } = await getLastGrant(server, somebody);
  const second = await connect(server, somebody.browser, client, {}, {});
  const page = await openApp(somebody);
  const done = await somebody.browser.submit(page, `/account/grants/${id}/revoke`);
  expect(done.url.pathname).toBe(appPathOf(client));
  expect(await introspect(server, first.access_token)).toEqual({ active: false });
  expect(await introspect(server, second.access_token)).toMatchObject({ active: true });
});

it('the former URL of the list of apps redirects to the list', async () => {
  const answer = await owner.browser.request('/account/grants');
  expect([answer.status, header(answer, 'location')]).toEqual([303, '/account/apps']);
});

it('C1: each app is shown with its hosts, beside the name that the app chose itself', async () => {
  const somebody = await createOwner(server);
  const redirectUris = [
    'https://recipes.example/callback',
    'https://recipes.example/other',
    'https://cdn.evil.example/cb',
  ];
  const forLong = { expires_in: '604800' };
  const recipes = await addClient(server, { name: 'Recipe Helper', redirectUris });
  await connect(server, somebody.browser, recipes, {}, forLong);
  const native = ['com.example.notes:/callback', 'http://127.0.0.1/callback'];
  const metadata = { application_type: 'native' };
  const phone = await addClient(server, { name: 'Notes', redirectUris: native, isPublic: true, metadata });
  await connect(server, somebody.browser, phone, {}, forLong);
  const text = await openApps(somebody);
  expect(text).toMatch(
    /Recipe Helper\s+Verified by this server’s operator\s+at recipes\.example; at cdn\.evil\.example\s/,
  );
  expect(text).toMatch(
    /Notes\s+Verified by this server’s operator\s+on your device, as com\.example\.notes:; on your computer\s/,
  );
  expect(readText((await openApp(somebody, phone)).text)).toContain('as com.example.notes:');
  // The same is shown after the access has ended.
  await removeApp(somebody, phone);
  expect(await openApps(somebody)).toContain('as com.example.notes:');
});

it('C1: the list of apps, and the pages of an app and of its access, say whether the operator vouches for the app', async () => {
  const somebody = await createOwner(server);
  const official = await addClient(server, { name: 'OpenAI Official Support', registeredBy: 'registration' });
  await connect(server, somebody.browser, official);
  const grantPath = `/account/grants/${(await getLastGrant(server, somebody)).id}`;
  const pages = ['/account/apps', appPathOf(official), grantPath];
  const readAll = async () =>
    Promise.all(pages.map(async (page) => readText((await somebody.browser.open(page)).text)));
  const shown = (badge: string) =>
    pages.map(() => expect.stringMatching(`OpenAI Official Support\\s+${badge}\\s+at app`));
  expect(await readAll()).toEqual(shown('Not verified by this server'));
  await server.db.insertInto('client_approvals').values({ client_id: official.id }).execute();
  expect(await readAll()).toEqual(shown('Verified by this server’s operator'));
  // The same is shown after the access has ended.
  await removeApp(somebody, official);
  expect(await openApps(somebody)).toMatch(/Past access \(1\)\s+OpenAI Official Support\s+Verified/);
});

it('another owner’s app gets the same answer as an unknown one, and keeps its access', async () => {
  await connect(server, owner.browser, client);
  const other = await addClient(server);
  const stranger = await createOwner(server);
  await connect(server, stranger.browser, other);
  const fields = encodeForm(readForm((await openApp(stranger, other)).text, `${appPathOf(other)}/remove`));
  const post = (path: string) => stranger.browser.request(`${path}/remove`, { method: 'POST', body: fields });
  const unknown = `/account/apps/${deriveAppId('never-was')}`;
  const answers = [await post(appPathOf(client)), await post(unknown), await openApp(stranger)];
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  expect(readText(answers[0]?.text ?? '')).toContain('You may be signed in to another account');
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect((await getLastGrant(server, owner)).status).toBe('active');
});

it('a second press on Remove access says that there is nothing more to remove', async () => {
  const somebody = await createOwner(server);
  await connect(server, somebody.browser, client);
  const page = await openApp(somebody);
  await somebody.browser.submit(page, `${appPathOf(client)}/remove`);
  const again = await somebody.browser.submit(page, `${appPathOf(client)}/remove`);
  expect([again.status, readText(again.text)]).toEqual([200, expect.stringContaining('had no access any more')]);
});

it('two replicas that remove the same access at once end each grant once, and count it once', async () => {
  const somebody = await createOwner(server);
  await connect(server, somebody.browser, client);
  await connect(server, somebody.browser, client, {}, {});
  const body = encodeForm(readForm((await openApp(somebody)).text, `${appPathOf(client)}/remove`));
  const url = new URL(`${appPathOf(client)}/remove`, server.issuer);
  const headers = {
    host: url.host,
    cookie: somebody.browser.cookieHeader(url),
    'content-type': 'application/x-www-form-urlencoded',
    'sec-fetch-site': 'same-origin',
  };
  const answers = await Promise.all(
    server.urls.map((replica) => send(`${replica}${url.pathname}`, { method: 'POST', headers, body })),
  );
  expect(answers.map(({ status }) => status)).toEqual([303, 303]);
  const ended = server.logLines
    .map(
      (line) => JSON.parse(line) as { readonly event?: string; readonly account_id?: string; readonly grants?: number },
    )
    .filter(({ event, account_id }) => event === 'access_removed' && account_id === somebody.accountId);
  expect(ended).toHaveLength(2);
  expect(ended.reduce((sum, { grants = 0 }) => sum + grants, 0)).toBe(2);
});

it('the access of all apps can be removed at once, on a page that says how many apps have access', async () => {
  const somebody = await createOwner(server);
  const apps = [client, await addClient(server, { name: 'Notes' })];
  const tokens = [];
  for (const app of apps) tokens.push(await connect(server, somebody.browser, app));
  await useGrant(server, await getLastGrant(server, somebody));
  const page = await somebody.browser.open('/account/remove-all');
  expect(readText(page.text)).toContain('2 apps can use your AI now, with 1 answer in progress.');
  const done = await somebody.browser.submit(page, '/account/remove-all');
  expect(readText(done.text)).toContain('Ended: the access of 2 apps, 4 of their sign-ins, 1 answer in progress.');
  for (const { access_token: token } of tokens) expect(await introspect(server, token)).toEqual({ active: false });
  expect(readText((await somebody.browser.open('/account/remove-all')).text)).toContain('There is nothing to remove');
});

it.each([
  ['seven days', 604_800, 3 * 86_400, 5 * 86_400],
  ['one day', 86_400, 11 * 3_600, 13 * 3_600],
])('marks an app whose access of %s ends soon', async (_, lifetime, early, late) => {
  const somebody = await createOwner(server);
  await connect(server, somebody.browser, client, {}, { expires_in: String(lifetime) });
  // The database's clock does not move, so the session and the access stay valid.
  const openAfter = async (seconds: number) => {
    server.advanceClock(seconds);
    const pages = [await openApps(somebody), readText((await openApp(somebody)).text)];
    server.advanceClock(-seconds);
    return pages;
  };
  for (const page of await openAfter(early)) expect(page).not.toContain('Ends soon');
  for (const page of await openAfter(late)) expect(page).toContain('Ends soon');
});

it('lists the requests under all accesses of an app, 25 on a page', async () => {
  const somebody = await createOwner(server);
  await connect(server, somebody.browser, client);
  const first = await getLastGrant(server, somebody);
  await connect(server, somebody.browser, client, {}, {});
  const second = await getLastGrant(server, somebody);
  for (let n = 1; n <= 60; n += 1)
    await useGrant(server, n % 2 === 0 ? first : second, { cost: BigInt(n) * 1_000_000n });
  const seen: string[] = [];
  let page = await openApp(somebody);
  for (let pages = 1; pages <= 3; pages += 1) {
    seen.push(...[...page.text.matchAll(/class="cost">\$0\.0(\d{1,2})/g)].map(([, cost = '']) => cost.padEnd(2, '0')));
    const older = /href="([^"]*after=[^"]*)"/.exec(page.text)?.[1];
    expect([pages, older === undefined]).toEqual([pages, pages === 3]);
    if (older !== undefined) page = await somebody.browser.open(older);
  }
  expect(seen.map(Number)).toEqual(Array.from({ length: 60 }, (_, n) => 60 - n));
});
