import { dayOf, listDays } from '@aipassport/policy';
import { setAccountLimit, updateTimeZone } from '@aipassport/store/authorization';
import { waitPastMidnight } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { readText } from './support/browser.js';
import { addClient, appPathOf, buildRequest, connect, type TestClient } from './support/client.js';
import type { FormFields } from './support/http.js';
import { createOwner, getLastGrant, noSpendingLimit, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let server: TestServer;
let client: TestClient;
let other: TestClient;
beforeAll(async () => {
  server = await startTestServer({ configuration: { simulatedUpstream: true } });
  client = await addClient(server, { name: 'Recipe <b>Helper</b>' });
  other = await addClient(server, { name: 'Travel Planner' });
});
beforeEach(waitPastMidnight);
afterAll(() => server.close());

async function grantTo(owner: Owner, app: TestClient, fields: FormFields = {}) {
  await connect(server, owner.browser, app, {}, fields);
  return getLastGrant(server, owner);
}

const openOverview = async ({ browser }: Owner) => browser.open('/account');

it('a new owner lands on the overview, which says how to begin', async () => {
  const owner = await createOwner(server);
  const page = await openOverview(owner);
  const text = readText(page.text);
  for (const shown of ['Get started', 'Add an API key', 'answers are simulated', 'Connect an app'])
    expect(text).toContain(shown);
  expect(page.text).toContain('href="/account/keys"');
  expect(text).not.toContain('Spending in');
});

it('sums say which part was simulated, even after provider keys are added; the pages of an app and its access say whether answers are simulated now', async () => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, client);
  await useGrant(server, grant, { cost: 250_000_000n, estimate: 300_000_000n, isSimulated: true });
  const note = /Simulated Answers from OpenAI(?: and Anthropic)? are simulated now\. They cost no real money/;
  const sum = 'Simulated 1 simulated request for $0.25. Nobody pays real money for them.';
  const pages = [appPathOf(client), `/account/grants/${grant.id}`];
  const sums = ['/account', appPathOf(client)];
  for (const path of sums) expect(readText((await owner.browser.open(path)).text)).toContain(sum);
  for (const path of pages)
    expect([path, readText((await owner.browser.open(path)).text)]).toEqual([path, expect.stringMatching(note)]);
  expect(readText((await owner.browser.open('/account/keys')).text)).not.toContain('with your key');
  const key = { sealing_key_id: 'px', jwe: 'sealed', version: 1, last_four: 'a1b2' };
  for (const upstream of ['openai', 'anthropic'])
    await server.db
      .insertInto('provider_keys')
      .values({
        id: `${upstream}-${owner.accountId}`,
        account_id: owner.accountId,
        upstream,
        host: 'a.example',
        ...key,
      })
      .execute();
  for (const path of pages)
    expect([path, readText((await owner.browser.open(path)).text)]).toEqual([path, expect.not.stringMatching(note)]);
  await useGrant(server, grant, { cost: 1_000_000n });
  for (const path of sums) {
    const text = readText((await owner.browser.open(path)).text);
    expect(text).toContain('$0.25 for 2 requests');
    // the app's page has this text beside the sum of this month, and beside the sum of all time
    expect([path, text.split(sum).length - 1]).toEqual([path, path === '/account' ? 1 : 2]);
    expect(text).toContain(sum);
  }
  // The list of requests still says which answers were simulated.
  for (const path of pages) {
    const text = readText((await owner.browser.open(path)).text);
    const rows = text.slice(text.indexOf('Result'));
    expect([path, rows.match(/\$0\.001 Answered|\$0\.25 Simulated answer \(no real money\)/g)]).toEqual([
      path,
      ['$0.001 Answered', '$0.25 Simulated answer (no real money)'],
    ]);
  }
});

it('the overview lists the open tasks of the account, until they are done', async () => {
  const owner = await createOwner(server);
  const listSteps = async () => {
    const [, part = ''] = /<article class="next-steps">(.*?)<\/article>/.exec((await openOverview(owner)).text) ?? [];
    return [...part.matchAll(/href="([^"]+)"/g)].map(([, path]) => path);
  };
  expect(await listSteps()).toEqual(['/account/recovery-codes']); // “Get started” already has the link to the API keys
  await grantTo(owner, client);
  expect(await listSteps()).toEqual(['/account/keys', '/account/recovery-codes']);
  const keys = '/account/keys';
  await owner.browser.submit(await owner.browser.open(keys), keys, {
    upstream: 'openai',
    key: 'sk-proj-0123456789abcdef',
  });
  const codes = '/account/recovery-codes';
  await owner.browser.submit(await owner.browser.open(codes), codes);
  expect(await listSteps()).toEqual([]);
});

it('shows what this month cost and how many requests there were: in all, by app, by model and by day', async () => {
  const owner = await createOwner(server);
  const first = await grantTo(owner, client, { max_cost_usd: '2' });
  await useGrant(server, first, { cost: 1_250_000_000n, estimate: 1_500_000_000n });
  await useGrant(server, first, { cost: 3_400_000n });
  const second = await grantTo(owner, other);
  await useGrant(server, second, { cost: 400_000_000n, estimate: 500_000_000n });
  await useGrant(server, second, { cost: 0n, settlement: 'released' });
  const page = await openOverview(owner);
  const text = readText(page.text);
  const day = new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });
  for (const shown of [
    '$1.65 for 3 requests',
    'Recipe <b>Helper</b> at app.example · verified $1.25 Travel Planner at app.example · verified $0.40',
    'GPT-4o (OpenAI) $1.65',
    `Highest: $1.65 on ${day}`,
    'App Requests Cost Recipe <b>Helper</b> at app.example · verified 2 $1.25 Travel Planner at app.example · verified 1 $0.40',
    'Model Requests Cost GPT-4o (OpenAI) 3 $1.65',
    `Day Requests Cost ${day} 3 $1.65`,
    'There is no overall limit.',
    'Recipe <b>Helper</b> at app.example · verified $0.74 left of $2.00',
  ])
    expect(text).toContain(shown);
  expect(page.text).toMatch(/<svg[^>]* role="img" aria-label="Spending on each day of \w+ \d{4}. Highest: \$1.65/);
  expect(page.text.match(/<rect [^>]*width="0.8"/g)).toHaveLength(listDays(dayOf(new Date(), 'UTC')).length);
});

it('counts corrections, and neither another owner’s requests nor those of another month', async () => {
  const [owner, stranger] = [await createOwner(server), await createOwner(server)];
  await useGrant(server, await grantTo(stranger, client), { cost: 9_000_000n });
  const grant = await grantTo(owner, client);
  await useGrant(server, grant, { cost: 20_000_000n, estimate: 30_000_000n, isLate: true });
  const text = readText((await openOverview(owner)).text);
  expect(text).toContain('$0.02 for 1 request');
  server.advanceClock(40 * 86_400);
  const next = readText((await openOverview(owner)).text);
  server.advanceClock(-40 * 86_400);
  expect(next).toContain('No requests yet this month.');
});

it('says what is left of the overall limit and of the budgets that are used most', async () => {
  const owner = await createOwner(server);
  const { accountId } = owner;
  await setAccountLimit(server.db, { accountId, maxCostPerMonth: 20_000_000_000n, mayRaise: false });
  const grant = await grantTo(owner, client, { max_cost_usd: '5', max_cost_usd_per_day: '1' });
  await useGrant(server, grant, { cost: 250_000_000n, estimate: 300_000_000n });
  const text = readText((await openOverview(owner)).text);
  expect(text).toContain('Your overall limit: $19.75 left of $20.00 a month');
  expect(text).toContain('Recipe <b>Helper</b> at app.example · verified $0.75 left of $1.00 today');
});

it('the reservation of a request in progress does not count as spent: the pages show the same amount left as before the request', async () => {
  const owner = await createOwner(server);
  const { accountId } = owner;
  await setAccountLimit(server.db, { accountId, maxCostPerMonth: 20_000_000_000n, mayRaise: false });
  const grant = await grantTo(owner, client, { max_cost_usd: '5', max_cost_usd_per_day: '1' });
  await useGrant(server, grant, { cost: 250_000_000n, estimate: 300_000_000n });
  await useGrant(server, grant, { estimate: 700_000_000n });
  const text = readText((await openOverview(owner)).text);
  expect(text).toContain('Your overall limit: $19.75 left of $20.00 a month');
  expect(text).toContain('$0.75 left of $1.00 today');
  const { url } = await buildRequest(server, client, { prompt: 'consent' });
  const consent = readText((await owner.browser.open(url)).text);
  expect(consent).toContain('$0.25 of $5.00');
  expect(consent).toContain('$0.25 of $1.00');
  expect(consent).toContain('$19.75');
});

it('lists the apps whose access ends soon, in the owner’s time zone', async () => {
  const owner = await createOwner(server);
  const grant = await grantTo(owner, client);
  const later = await grantTo(owner, other, noSpendingLimit);
  const soon = new Date(Date.now() + 2 * 86_400_000);
  await server.db.updateTable('grants').set({ expires_at: soon }).where('id', '=', grant.id).execute();
  const afterwards = new Date(Date.now() + 7 * 86_400_000);
  await server.db.updateTable('grants').set({ expires_at: afterwards }).where('id', '=', later.id).execute();
  await updateTimeZone(server.db, owner.accountId, 'Asia/Kolkata');
  const early = readText((await openOverview(owner)).text);
  // the database's clock does not move, so the session stays valid
  server.advanceClock(1.5 * 86_400);
  const text = readText((await openOverview(owner)).text);
  server.advanceClock(-1.5 * 86_400);
  expect(early).not.toContain('Access that ends soon');
  const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'Asia/Kolkata' });
  // access ends half a day later: in Kolkata, that is today or tomorrow
  expect(text).toMatch(
    new RegExp(
      `Access that ends soon Recipe <b>Helper</b> at app.example · verified Ends (today|tomorrow), ${clock.format(soon)}`,
    ),
  );
  expect(text).not.toContain('Travel Planner');
});

it('is not shown after a sign-out, and the sign-in page returns to it', async () => {
  const owner = await createOwner(server);
  await owner.browser.submit(await openOverview(owner), '/account/sign-out');
  const page = await openOverview(owner);
  expect(page.url.pathname).toBe('/account/sign-in');
  expect(page.text).toContain('name="return_to" value="/account"');
});
