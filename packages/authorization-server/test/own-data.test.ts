import {
  findAccountByEmail,
  findClient,
  listOwnedClients,
  setOperator,
  upsertArtifact,
} from '@aipassport/store/authorization';
import { listenForRevocations } from '@aipassport/store/proxying';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readText } from './support/browser.js';
import { addClient, connect, introspect, refresh, type TestClient } from './support/client.js';
import { countEvents, listEvents } from './support/events.js';
import { header, send } from './support/http.js';
import { registerClient } from './support/own-client.js';
import { createOwner, getLastGrant, type Owner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let database: TestDatabase;
let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({ replicas: 2, database });
  client = await addClient(server, { name: 'Recipe Helper' });
});
afterAll(async () => {
  await server.close();
  await database.close();
});

const exportPath = '/account/export';
const deletionPath = '/account/deletion';
const canary = `sk-proj-${'canary'.repeat(5)}`;

/** Copies the only request of a grant. Many of the copies were admitted at the same time. */
async function copyRequests(grantId: string, count: number): Promise<void> {
  await database.query(`
    insert into ledger (request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation, settlement,
      counted, cost, estimate, day, month, catalogue_version)
    select gen_random_uuid(), admitted_at + n / 700 * interval '1 microsecond', grant_id, account_id, client_id, upstream,
      model, operation, settlement, counted, cost, estimate, day, month, catalogue_version
    from ledger, generate_series(1, ${count}) as n where grant_id = '${grantId}'`);
}

/** Adds rows to the tables that the pages of this test do not fill. */
async function addOtherRows(accountId: string): Promise<void> {
  await database.query(`
    insert into operator_spending (account_id, month, cost) values ('${accountId}', '2026-01-01', 5);
    insert into account_operator_caps values ('${accountId}', 5000000);
    insert into inviters values ('${accountId}');
    insert into invitations (id, code_hash, created_by, expires_at) values (gen_random_uuid(), gen_random_uuid(), '${accountId}', now());
    insert into spare_provider_keys (account_id, id, upstream, place, host, version, sealing_key_id, jwe, last_four)
      select account_id, 'spare-' || id, upstream, 1, host, 2, sealing_key_id, 'spare ' || jwe, 'pare'
      from provider_keys where account_id = '${accountId}';
    insert into provider_key_refusals select account_id, upstream, id, now(), '401' from provider_keys where account_id = '${accountId}';
    select set_account_limit('${accountId}', 5000000, true)`);
  const session = { model: 'Session', idHash: accountId, payload: { accountId }, grantId: undefined, uid: accountId };
  await upsertArtifact(server.db, { ...session, expiresInSeconds: 600 });
}

/** The tables that have the account's id in any column. */
async function listTablesWith(accountId: string): Promise<readonly string[]> {
  const columns = await database.query(`
    select table_name, column_name from information_schema.columns
    where table_schema = 'public' and data_type in ('text', 'jsonb')`);
  const found: string[] = [];
  for (const { table_name: table, column_name: column } of columns as readonly Record<string, string>[]) {
    const rows = await database.query(`select from "${table}" where "${column}"::text like '%${accountId}%' limit 1`);
    if (rows.length > 0) found.push(`${table}.${column}`);
  }
  return found;
}

async function createBusyOwner(): Promise<Owner> {
  const owner = await createOwner(server);
  const { browser } = owner;
  await connect(server, browser, client, {}, { max_cost_usd: '2' });
  await useGrant(server, await getLastGrant(server, owner), { cost: 3_400_000n });
  await useGrant(server, await getLastGrant(server, owner), { cost: 5_000_000n, isLate: true });
  await browser.submit(await browser.open('/account/keys'), '/account/keys', { upstream: 'openai', key: canary });
  return owner;
}

// The ids at the beginning of titles are rows of docs/security.md.
it('L7: after a recent sign-in, the owner gets their data as one JSON file, with requests and activity and without secrets', async () => {
  const owner = await createBusyOwner();
  const { browser } = owner;
  server.advanceClock(600);
  const asked = await browser.submit(await browser.open(exportPath), exportPath);
  expect([asked.status, readText(asked.text)]).toEqual([422, expect.stringContaining('Confirm it’s you')]);
  const confirmed = await browser.submit(asked, exportPath, { password });
  server.advanceClock(-600);
  expect([confirmed.status, readText(confirmed.text)]).toEqual([
    200,
    expect.stringContaining('Confirmed. You can download now.'),
  ]);
  const file = await browser.submit(confirmed, exportPath);
  expect([file.status, header(file, 'content-disposition')]).toEqual([
    200,
    'attachment; filename="aipassport-data.json"',
  ]);
  const data = JSON.parse(file.text) as Record<string, readonly object[]>;
  const { id: grantId } = await getLastGrant(server, owner);
  expect(data).toMatchObject({
    account: [{ id: owner.accountId, email: owner.email, time_zone: 'UTC' }],
    provider_keys: [{ upstream: 'openai', last_four: 'nary' }],
    access: [{ id: grantId, app: 'Recipe Helper', max_cost_nano_usd: 2_000_000_000 }],
    requests: expect.arrayContaining([
      expect.objectContaining({ access_id: grantId, settlement: 'reported', cost_nano_usd: 3_400_000 }),
      expect.objectContaining({ settlement: 'abandoned' }),
      expect.objectContaining({ settlement: 'corrected', cost_nano_usd: -5_000_000 }),
    ]),
    invitations: [],
  });
  expect(data['sessions']).toHaveLength(1);
  expect(data['activity']).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'data_exported' })]));
  const { password_hash: hash } = await server.db
    .selectFrom('accounts')
    .select('password_hash')
    .where('id', '=', owner.accountId)
    .executeTakeFirstOrThrow();
  const { jwe } = await server.db
    .selectFrom('provider_keys')
    .select('jwe')
    .where('account_id', '=', owner.accountId)
    .executeTakeFirstOrThrow();
  for (const secret of [canary, hash, jwe, 'argon2']) expect(file.text).not.toContain(secret);
});

it('the export contains every request once, although they are read in several parts', async () => {
  const owner = await createOwner(server);
  await connect(server, owner.browser, client);
  const grant = await getLastGrant(server, owner);
  await useGrant(server, grant, { cost: 1n });
  await copyRequests(grant.id, 2_500);
  const file = await owner.browser.submit(await owner.browser.open(exportPath), exportPath);
  const { requests } = JSON.parse(file.text) as { readonly requests: readonly { readonly request_id: string }[] };
  expect([requests.length, new Set(requests.map(({ request_id: id }) => id)).size]).toEqual([2_501, 2_501]);
});

it('L7: the account is deleted only if its email is typed, and also the password if the last sign-in is not recent', async () => {
  const owner = await createBusyOwner();
  const { browser } = owner;
  const page = await browser.open(deletionPath);
  expect(readText(page.text)).toContain('All apps lose their access.');
  const wrong = await browser.submit(page, deletionPath, { email: 'somebody@example.com' });
  expect([wrong.status, readText(wrong.text)]).toEqual([
    422,
    expect.stringContaining('This isn’t the email of this account.'),
  ]);
  server.advanceClock(600);
  const asked = await browser.submit(wrong, deletionPath, { email: owner.email.toUpperCase() });
  const mistaken = await browser.submit(asked, deletionPath, { email: owner.email, password: 'a wrong guess' });
  server.advanceClock(-600);
  expect([asked.status, mistaken.status]).toEqual([422, 422]);
  expect((await browser.open('/account/grants')).text).toContain('Recipe Helper');
});

it('after the deletion no table contains the account’s id, its grants and sessions have ended at every replica, and its owner cannot sign in', async () => {
  const owner = await createBusyOwner();
  const { browser, accountId, email } = owner;
  const grant = await getLastGrant(server, owner);
  await useGrant(server, grant);
  await addOtherRows(accountId);
  const page = await browser.open(deletionPath);
  const cookie = browser.cookieHeader(page.url);
  const done = await browser.submit(page, deletionPath, { email });
  expect([done.status, readText(done.text)]).toEqual([200, expect.stringContaining('Your account is deleted')]);
  expect(await listTablesWith(accountId)).toEqual([]);
  expect(await useGrant(server, grant)).toBe('unknown');
  for (const url of server.urls) {
    const answer = await send(`${url}/account/grants`, { headers: { cookie, host: new URL(server.issuer).host } });
    expect(answer.status).toBe(303);
  }
  expect((await signIn(browser, email)).status).toBe(422);
  const rows = await database.query(`select event, account_id from audit_events where grant_id = '${grant.id}'`);
  expect(rows).toContainEqual({ event: 'grant_revoked', account_id: expect.stringMatching(/^deleted-/) });
  const [{ account_id: pseudonym = '' } = {}] = rows as readonly { readonly account_id?: string }[];
  expect(countEvents(await listEvents(server, { accountId: pseudonym }), 'account_deleted')).toBe(1);
});

it('the proxies are notified of the deletion, so that they cut the account’s streams', async () => {
  const owner = await createBusyOwner();
  const { id } = await getLastGrant(server, owner);
  const { promise: listening, resolve: beginListening } = Promise.withResolvers<void>();
  const { promise: revoked, resolve: hear } = Promise.withResolvers<string>();
  const listener = listenForRevocations({
    url: database.urls.proxy,
    db: database.db,
    applicationName: 'test',
    onRevoked: hear,
    onListening: beginListening,
    onLost: () => undefined,
  });
  await listening;
  await owner.browser.submit(await owner.browser.open(deletionPath), deletionPath, { email: owner.email });
  expect(await revoked).toBe(id);
  await listener.close();
});

it('rows with an account’s id are deleted with the account by a foreign key, except in the tables where the id is replaced', async () => {
  const tables = await database.query<{ readonly name: string }>(`
    select c.table_name as name from information_schema.columns c
    where c.table_schema = 'public' and c.column_name = 'account_id' and c.table_name not like 'ledger_%'
      and not exists (
        select from pg_constraint f where f.conrelid = format('public.%I', c.table_name)::regclass
          and f.confrelid = 'accounts'::regclass and f.confdeltype = 'c'
      ) order by 1`);
  expect(tables.map(({ name }) => name)).toEqual([
    'abandoned_requests',
    'audit_events',
    'background_responses',
    'ledger',
    'operator_spending',
    // the row is kept for ten minutes; then it becomes an event, without the account if that was deleted meanwhile
    'refusal_counts',
    'reservations',
    'usage_days',
    'usage_recent',
  ]);
});

it('the deletion of an account also deletes the apps that it registered and ends their access for everyone; the page says so beforehand', async () => {
  const developer = await createBusyOwner();
  const { browser, accountId, email } = developer;
  expect(readText((await browser.open(deletionPath)).text)).not.toContain('that you build');
  const apps = [await registerClient(browser), await registerClient(browser)];
  const user = await createOwner(server);
  const tokens = await Promise.all(apps.map((app) => connect(server, user.browser, app)));
  const grant = await getLastGrant(server, user);
  const { name = '' } = (await listOwnedClients(server.db, accountId))[0] ?? {};
  const page = await browser.open(deletionPath);
  expect(readText(page.text)).toContain(
    `The 2 apps that you build are deleted, and lose their access to everyone’s account: ${name} ${name}`,
  );
  expect((await browser.submit(page, deletionPath, { email })).status).toBe(200);
  for (const [index, app] of apps.entries()) {
    expect(await introspect(server, tokens[index]?.access_token ?? '')).toEqual({ active: false });
    expect((await refresh(server, app, tokens[index]?.refresh_token ?? '')).status).toBe(401);
    const events = await listEvents(server, { clientId: app.id });
    expect(countEvents(events, 'client_deleted')).toBe(1);
  }
  expect(await useGrant(server, grant)).not.toBe('admitted');
  expect(await listTablesWith(accountId)).toEqual([]);
  expect((await user.browser.open('/account')).status).toBe(200);
});

it('a request that ends after the deletion is charged to no account', async () => {
  const owner = await createBusyOwner();
  const grant = await getLastGrant(server, owner);
  await useGrant(server, grant);
  await owner.browser.submit(await owner.browser.open(deletionPath), deletionPath, { email: owner.email });
  await database.query("update replicas set lease_until = now() - interval '1 second'");
  await database.query('select settle_dead_replicas()');
  const rows = await database.query(`
    select account_id from ledger where grant_id = '${grant.id}' and settlement = 'abandoned'`);
  expect(rows).toHaveLength(2);
  expect(await listTablesWith(owner.accountId)).toEqual([]);
});

it('the only operator cannot delete the account until another account has the role', async () => {
  const { browser, email, accountId } = await createOwner(server);
  const app = await registerClient(browser);
  await setOperator(server.db, accountId, true);
  const page = await browser.open(deletionPath);
  expect(readText(page.text)).toContain('You’re an operator of this server.');
  const refused = await browser.submit(page, deletionPath, { email });
  expect([refused.status, readText(refused.text)]).toEqual([
    422,
    expect.stringContaining('You’re the only operator of this server. Make another account an operator first'),
  ]);
  expect(await findClient(server.db, app.id)).toMatchObject({ isBlocked: false });
  const other = await createOwner(server);
  await setOperator(server.db, other.accountId, true);
  expect((await browser.submit(refused, deletionPath, { email })).status).toBe(200);
  expect(await findAccountByEmail(server.db, email)).toBeUndefined();
  await setOperator(server.db, other.accountId, false);
});

it('two deletions at once, at two replicas, delete the account once', async () => {
  const owner = await createBusyOwner();
  const { browser, email } = owner;
  const page = await browser.open(deletionPath);
  const [, token = ''] = /name="csrf_token" value="([^"]+)"[^>]*><label/.exec(page.text) ?? [];
  const headers = {
    cookie: browser.cookieHeader(page.url),
    host: new URL(server.issuer).host,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'text/html',
  };
  const body = String(new URLSearchParams({ csrf_token: token, email }));
  const answers = await Promise.all(
    server.urls.map((url) => send(`${url}${deletionPath}`, { method: 'POST', headers, body })),
  );
  for (const { status } of answers) expect([200, 303]).toContain(status);
  expect(answers.some(({ status }) => status === 200)).toBe(true);
  expect(await listTablesWith(owner.accountId)).toEqual([]);
});
