import { setOperator } from '@aipassport/store/authorization';
import { insertReplica, noteOperatorKeyRefusal } from '@aipassport/store/proxying';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { callApi, makeToken } from './support/account-api.js';
import { readForm, readText } from './support/browser.js';
import { addClient, connect } from './support/client.js';
import { createOwner, getLastGrant, noSpendingLimit, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { type Use, useGrant } from './support/use-grant.js';

let database: TestDatabase;
let server: TestServer;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({
    replicas: 2,
    database,
    configuration: {
      operatorKeysFor: ['openai'],
      operatorCaps: { ofAll: 1_000_000_000_000n, ofAccount: 50_000_000_000n },
    },
  });
});
beforeEach(waitPastMidnight);
beforeEach(async () => {
  await database.query(`
    delete from operator_caps; delete from operator_spending;
    delete from usage_recent; delete from usage_months; delete from usage_days;
    update usage_start set counted_from = '-infinity', keys_recorded_from = '-infinity'`);
});
afterAll(async () => {
  await server.close();
  await database.close();
});

async function createOperator(): Promise<Owner> {
  const owner = await createOwner(server);
  await setOperator(server.db, owner.accountId, true);
  return owner;
}

/** Creates an owner whose app has made the given requests. */
async function createUser(name: string, ...uses: readonly Use[]) {
  const owner = await createOwner(server);
  await connect(server, owner.browser, await addClient(server, { name }), {}, noSpendingLimit);
  const grant = await getLastGrant(server, owner);
  for (const use of uses) expect(await useGrant(server, grant, use)).toBe('admitted');
  return { owner, grant };
}

const oneDollar = 1_000_000_000n;

it('the page of all spending lists providers, models, apps and accounts, and separates the operator’s keys from the owners’ keys', async () => {
  const operator = await createOperator();
  const paid = { estimate: 3n * oneDollar, cost: 2n * oneDollar };
  const { owner } = await createUser('Recipe Helper', paid, { ...paid, hasOperatorKey: true });
  const other = await createUser('Travel Planner', { ...paid, hasOperatorKey: true }, { ...paid, isSimulated: true });
  const page = await operator.browser.open('/operator/spending');
  const text = readText(page.text);
  expect(text.match(/\$4\.00 \$2\.00 of it simulated/g)).toHaveLength(2 * 2); // an app and an account, as bars and in tables
  for (const shown of [
    '$4.00 with your keys, for 2 requests',
    '$2.00 with people’s own keys, for 1 request',
    '$2.00 simulated, for 1 request that nobody pays real money for',
    'OpenAI, simulated',
    'OpenAI, with your key',
    'GPT-4o (OpenAI) $8.00 $2.00 of it simulated',
    'Recipe Helper',
    'Travel Planner',
    owner.email,
    other.owner.email,
  ])
    expect(text).toContain(shown);
  expect(page.text).toContain('<caption>By account</caption>');
  const earlier = /href="(\/operator\/spending\?month=[\d-]+)"/.exec(page.text)?.[1] ?? '';
  expect(readText((await operator.browser.open(earlier)).text)).toContain('No requests in this month.');
  expect((await operator.browser.open('/operator/spending?month=9999-12')).text).toContain(page.url.pathname);
});

it('the page of all spending marks requests from before keys were recorded, and says that a month is not complete', async () => {
  const operator = await createOperator();
  await database.query("update usage_start set keys_recorded_from = now() + interval '1 minute'");
  await createUser('Recipe Helper', { estimate: oneDollar, cost: oneDollar });
  await database.query("update usage_start set counted_from = now() + interval '1 minute'");
  const text = readText((await operator.browser.open('/operator/spending')).text);
  for (const shown of [
    '$1.00 for 1 earlier request',
    'OpenAI, key not recorded',
    '$0.00 with people’s own keys, for 0 requests',
    'The amounts are not complete',
  ])
    expect(text).toContain(shown);
});

it('the API has the same amounts as the page, at both replicas', async () => {
  const operator = await createOperator();
  const { owner } = await createUser('Recipe Helper', {
    estimate: oneDollar,
    cost: oneDollar / 4n,
    hasOperatorKey: true,
  });
  const token = await makeToken(operator, ['operator']);
  const read = (request: object) =>
    callApi<Record<string, unknown>>(server, token, 'GET /api/operator/spending', request);
  for (const replica of [0, 1]) {
    const { body } = await read({ replica });
    const sum = { cost_usd: '0.25', requests: 1 };
    const none = { cost_usd: '0', requests: 0 };
    expect(body).toEqual({
      month: expect.stringMatching(/^\d{4}-\d\d$/),
      is_complete: true,
      with_keys_of: { operator: sum, owner: none, simulated: none, unknown: none },
      providers: [{ upstream: 'openai', key_owner: 'operator', ...sum }],
      models: [{ upstream: 'openai', model: 'gpt-4o', ...sum }],
      clients: [{ client_id: expect.any(String), name: 'Recipe Helper', ...sum }],
      accounts: [{ account_id: owner.accountId, email: owner.email, ...sum }],
      days: [{ day: expect.any(String), ...sum }],
      omitted: { models: 0, clients: 0, accounts: 0 },
    });
  }
  expect((await read({ query: { month: '2020-01' } })).body).toMatchObject({ month: '2020-01', providers: [] });
  expect((await read({ query: { month: '2020-13' } })).body).toMatchObject({ member: 'month' });
});

it('the page of the shared keys says where each provider key comes from, how many proxies have it, and its last refusal', async () => {
  const operator = await createOperator();
  expect(readText((await operator.browser.open('/operator/keys')).text)).toContain('no running proxy has the key');
  const lease = { replicaId: 'with-key', leaseSeconds: 3_600 };
  await insertReplica(server.db, lease, { operatorKeys: [{ upstream: 'openai', source: 'file' }] });
  await database.query("delete from replicas where id not in ('with-key', 'background')");
  const served = readText((await operator.browser.open('/operator/keys')).text);
  expect(served).toContain('In use');
  expect(served).toContain('File');
  await noteOperatorKeyRefusal(server.db, { replicaId: 'with-key', upstream: 'openai', reason: '401 invalid_api_key' });
  const refused = readText((await operator.browser.open('/operator/keys')).text);
  expect(refused).toContain('The AI provider refused it');
  expect(refused).toContain('The provider no longer accepts this key. Replace it. It said: 401 invalid_api_key');
  await insertReplica(server.db, { replicaId: 'without-key', leaseSeconds: 3_600 });
  expect(readText((await operator.browser.open('/operator/keys')).text)).toContain('Only 1 of 2 running proxies');
});

it('an owner’s page of API keys counts only the requests that used the owner’s own key', async () => {
  const paid = { estimate: 3n * oneDollar, cost: 2n * oneDollar };
  const { owner } = await createUser(
    'Two Keys',
    paid,
    { ...paid, hasOperatorKey: true },
    { ...paid, isSimulated: true },
  );
  expect(readText((await owner.browser.open('/account/keys')).text)).toContain(
    'This month with your own OpenAI keys: $2.00 for 1 request.',
  );
  const borrowed = await createUser('Borrowed', { ...paid, hasOperatorKey: true });
  expect(readText((await borrowed.owner.browser.open('/account/keys')).text)).not.toContain('with your own');
});

it('the API returns the shared keys and their caps, and an account by its identifier', async () => {
  const operator = await createOperator();
  const token = await makeToken(operator, ['operator']);
  const call = (operation: string, value = '') => callApi(server, token, operation, { value, replica: 1 });
  await database.query("delete from replicas where id <> 'background'");
  const unused = {
    keys: [{ upstream: 'openai', sources: [], proxies: 0, running_proxies: null, is_announced: true, refused: null }],
    all_accounts: { used_usd: '0', held_usd: '0', max_cost_usd_per_month: '1000' },
    each_account: { max_cost_usd_per_month: '50' },
  };
  expect((await call('GET /api/operator/keys')).body).toEqual(unused);
  await insertReplica(
    server.db,
    { replicaId: 'key-file', leaseSeconds: 3_600 },
    { operatorKeys: [{ upstream: 'openai', source: 'file' }] },
  );
  await noteOperatorKeyRefusal(server.db, { replicaId: 'key-file', upstream: 'openai', reason: '401 invalid_api_key' });
  await setCaps(operator, { cap_of_all_usd: '600', cap_of_account_usd: '20' });
  const paid = { estimate: 3n * oneDollar, cost: 2n * oneDollar };
  const { owner } = await createUser('Weather', paid, { ...paid, hasOperatorKey: true });
  expect((await call('GET /api/operator/keys')).body).toEqual({
    keys: [
      {
        ...unused.keys[0],
        sources: ['file'],
        proxies: 1,
        running_proxies: expect.any(Number), // `useGrant` adds a replica for each request
        refused: { at: expect.any(String), reason: '401 invalid_api_key' },
      },
    ],
    all_accounts: { used_usd: '2', held_usd: '0', max_cost_usd_per_month: '600' },
    each_account: { max_cost_usd_per_month: '20' },
  });
  const one = 'GET /api/operator/accounts/{account_id}';
  expect((await call(one, owner.accountId)).body).toMatchObject({
    email: owner.email,
    is_operator: false,
    provider_keys: [],
    usage: { cost_usd: '4', requests: 2 },
    apps: [{ name: 'Weather', cost_usd: '4', requests: 2 }],
    shared_keys: { used_usd: '2', held_usd: '0', max_cost_usd_per_month: '20' },
  });
  expect((await call(one, 'nobody')).status).toBe(404);
});

const setCaps = async ({ browser }: Owner, caps: Record<string, string>) =>
  browser.submit(await browser.open('/operator/keys'), '/operator/keys/caps', caps);

// The ids at the beginning of titles are rows of docs/security.md.
it('L20: a cap can be changed only after a recent sign-in, applies to the next request, and has an audit row', async () => {
  const operator = await createOperator();
  const { grant } = await createUser('Hungry App', { estimate: oneDollar, cost: oneDollar, hasOperatorKey: true });
  server.advanceClock(6 * 60);
  const asked = await setCaps(operator, { cap_of_all_usd: '', cap_of_account_usd: '1,50' });
  expect([asked.status, readText(asked.text).includes('Confirm it’s you')]).toEqual([422, true]);
  expect(readForm(asked.text, '/operator/keys/caps')['cap_of_account_usd']).toBe('1.50');
  const saved = await operator.browser.submit(asked, '/operator/keys/caps', { password });
  server.advanceClock(-6 * 60);
  expect(readText(saved.text)).toContain('Saved.');
  const use = { estimate: oneDollar, hasOperatorKey: true };
  expect(await useGrant(server, grant, { ...use, estimate: oneDollar / 4n })).toBe('admitted');
  await setCaps(operator, { cap_of_all_usd: '0.5', cap_of_account_usd: '1.50' });
  expect(await useGrant(server, grant, use)).toBe('operator_budget_exhausted');
  const audit = readText((await operator.browser.open('/operator/audit?event=operator_caps_changed')).text);
  expect(audit).toContain('"max_cost_per_month":"500000000"');
  expect(audit).toContain('"max_cost_per_month_before":null');
  expect(readText((await operator.browser.open('/account/activity')).text)).toContain(
    'Spending caps of the operator’s keys changed All accounts together, per month: No limit → $0.50',
  );
  expect(readText((await operator.browser.open('/operator/keys')).text)).toMatch(/Spent this month: \S+ of \$0\.50/);
});

it('L20: no form sets a cap above that of the configuration, and an outdated form changes nothing', async () => {
  const operator = await createOperator();
  const high = await setCaps(operator, { cap_of_all_usd: '1000.01', cap_of_account_usd: 'much' });
  expect(high.status).toBe(422);
  expect(readText(high.text)).toContain('Enter at most $1,000.00.');
  expect(readText(high.text)).toContain('Enter an amount in US dollars');
  const old = await operator.browser.open('/operator/keys');
  await setCaps(operator, { cap_of_all_usd: '5', cap_of_account_usd: '' });
  const stale = await operator.browser.submit(old, '/operator/keys/caps', { cap_of_all_usd: '900' });
  expect(stale.status).toBe(422);
  expect(readForm(stale.text, '/operator/keys/caps')['cap_of_all_usd']).toBe('5.00');
});

it('the API and the page show the settings of each running proxy, with proxies of the same settings together', async () => {
  await database.query("delete from replicas where id <> 'background'");
  const lease = (replicaId: string) => ({ replicaId, leaseSeconds: 3_600 });
  const settings = [
    { name: 'UNKNOWN_FIELDS', value: 'refuse' },
    { name: 'PRICES_FILE', value: undefined },
  ];
  await insertReplica(server.db, lease('one'), { settings });
  await insertReplica(server.db, lease('two'), { settings });
  await insertReplica(server.db, { replicaId: 'gone', leaseSeconds: 0 }, { settings: [] });
  await database.query("insert into replicas (id, lease_until) values ('old', now() + interval '1 minute')");
  const operator = await createOperator();
  const { body } = await callApi(server, await makeToken(operator, ['operator']), 'GET /api/operator');
  expect(body['proxies']).toEqual([
    {
      count: 2,
      settings: [
        { name: 'UNKNOWN_FIELDS', value: 'refuse' },
        { name: 'PRICES_FILE', value: null },
      ],
    },
    { count: 1, settings: null },
  ]);
  const text = readText((await operator.browser.open('/operator')).text);
  expect(text).toContain('Resource proxies, settings 1 of 2 (2 are running)');
  expect(text).toMatch(/UNKNOWN_FIELDS refuse PRICES_FILE not set/);
  expect(text).toContain('Resource proxy, settings 2 of 2 (1 is running) This release doesn’t report its settings.');
});
