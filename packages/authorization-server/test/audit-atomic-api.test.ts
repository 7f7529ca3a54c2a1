import {
  adminScopes,
  approveClient,
  blockClient,
  disableAccount,
  insertInvitation,
  listInvitations,
  setMayInvite,
} from '@aipassport/store/authorization';
import { createTestDatabase, EventRefusal, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { adminOperations } from './support/account-api.js';
import { addAdminClient, obtainAdminToken } from './support/admin-client.js';
import { addClient, connect } from './support/client.js';
import { send } from './support/http.js';
import { createOwner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

const dollar = 1_000_000_000n;

let database: TestDatabase;
let events: EventRefusal;
let server: TestServer;
/** Another server with the same database, at which accounts are created by invitation. */
let inviting: TestServer;
const tokens = new Map<TestServer, string>();
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  const operatorCaps = { ofAll: 100n * dollar, ofAccount: 10n * dollar };
  server = await startTestServer({ database, configuration: { operatorCaps } });
  inviting = await startTestServer({ database, configuration: { accountCreation: 'invite' } });
  const machine = await addAdminClient(server, adminScopes);
  for (const one of [server, inviting])
    tokens.set(one, (await obtainAdminToken(one, machine, adminScopes)).access_token);
  events = await EventRefusal.prepare(database);
});
afterAll(async () => {
  await inviting.close();
  await server.close();
  await database.close();
});

/** A request to the admin API. */
interface Act {
  /** Undefined: `server` */
  readonly at?: TestServer;
  /** The variable segment of the path. */
  readonly value?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** Prepares a request that changes something, or reads people's data. */
type Prepare = () => Promise<Act>;

/** An account with a session and an app that has access. */
async function addConnected() {
  const { accountId, browser } = await createOwner(server);
  const client = await addClient(server, { registeredBy: 'registration' });
  await connect(server, browser, client);
  return { accountId, clientId: client.id };
}

const account: Prepare = async () => ({ value: (await addConnected()).accountId });
const client: Prepare = async () => ({ value: (await addConnected()).clientId });
const ofOperator = async (body?: object): Promise<Act> => ({
  value: (await addClient(server)).id,
  ...(body !== undefined && { body }),
});

async function findGrant(): Promise<string> {
  const { accountId } = await addConnected();
  const query = server.db.selectFrom('grants').select('id').where('account_id', '=', accountId);
  return (await query.executeTakeFirstOrThrow()).id;
}

async function addInvitation(): Promise<string> {
  await insertInvitation(server.db, { createdBy: undefined, note: undefined, expiresInSeconds: 3_600 });
  const [invitation] = await listInvitations(server.db);
  return invitation?.id ?? '';
}

const cap = (amount: string) => ({ max_cost_usd_per_month: amount });

/** Each operation that writes an audit event. After a comma: another way to use it. */
const acts: Readonly<Record<string, Prepare>> = {
  'GET /api/admin/accounts': async () => ({}),
  'GET /api/admin/accounts/{account_id}': account,
  'GET /api/admin/accounts/{account_id}/export': account,
  'GET /api/admin/invitations': async () => ({}),
  'GET /api/admin/clients': async () => ({}),
  'GET /api/admin/clients/{client_id}': client,
  'GET /api/admin/grants': async () => ({}),
  'GET /api/admin/grants/{grant_id}': async () => ({ value: await findGrant() }),
  'GET /api/admin/usage': async () => ({}),
  'GET /api/admin/audit': async () => ({}),
  'DELETE /api/admin/accounts/{account_id}': account,
  'POST /api/admin/accounts/{account_id}/disable': account,
  'POST /api/admin/accounts/{account_id}/enable': async () => {
    const { accountId } = await addConnected();
    await disableAccount(server.db, accountId);
    return { value: accountId };
  },
  'POST /api/admin/accounts/{account_id}/let-invite': account,
  'POST /api/admin/accounts/{account_id}/stop-inviting': async () => {
    const { accountId } = await addConnected();
    await setMayInvite(server.db, accountId, { mayInvite: true });
    return { value: accountId };
  },
  'PATCH /api/admin/accounts/{account_id}/limits': async () => ({
    ...(await account()),
    body: { shared_keys: cap('1') },
  }),
  'POST /api/admin/invitations': async () => ({
    at: inviting,
    body: { note: 'For Ada', expires_in_seconds: 3_600 },
  }),
  'DELETE /api/admin/invitations/{invitation_id}': async () => ({ value: await addInvitation() }),
  'POST /api/admin/clients': async () => ({
    body: { name: 'Notes', redirect_uris: ['https://notes.example/callback'] },
  }),
  'PATCH /api/admin/clients/{client_id}': () => ofOperator({ name: 'Better notes' }),
  'DELETE /api/admin/clients/{client_id}': client,
  'POST /api/admin/clients/{client_id}/secrets': () => ofOperator({ overlap_seconds: 3_600 }),
  'DELETE /api/admin/clients/{client_id}/secrets': async () => {
    const act = await ofOperator();
    await request('POST /api/admin/clients/{client_id}/secrets', { ...act, body: { overlap_seconds: 3_600 } });
    return act;
  },
  'POST /api/admin/clients/{client_id}/block': client,
  'POST /api/admin/clients/{client_id}/unblock': async () => {
    const { clientId } = await addConnected();
    await blockClient(server.db, { clientId, by: undefined });
    return { value: clientId };
  },
  'POST /api/admin/clients/{client_id}/approve': client,
  'POST /api/admin/clients/{client_id}/disapprove': async () => {
    const { clientId } = await addConnected();
    await approveClient(server.db, { clientId, by: undefined });
    return { value: clientId };
  },
  'DELETE /api/admin/grants': async () => ({ query: { account_id: (await addConnected()).accountId } }),
  'DELETE /api/admin/grants, of a client': async () => ({ query: { client_id: (await addConnected()).clientId } }),
  'DELETE /api/admin/grants, of all accounts': async () => {
    for (let accounts = 0; accounts < 3; accounts++) await addConnected();
    return { query: { confirm: 'all' } };
  },
  'DELETE /api/admin/grants/{grant_id}': async () => ({ value: await findGrant() }),
  'PATCH /api/admin/limits': async () => ({ body: { all_accounts: cap('50'), each_account: cap('2.50') } }),
};

/** The operations that write no audit event, and why they need none. */
const unrecorded: Readonly<Record<string, readonly string[]>> = {
  'reads numbers or caps of the whole server, and nothing of a person': ['GET /api/admin', 'GET /api/admin/limits'],
};

it('each operation of the admin API is tried below, or is listed here with the reason why it has no event', () => {
  const tried = Object.keys(acts).map(operationOf);
  const listed = [...new Set(tried), ...Object.values(unrecorded).flat()];
  const specified = adminOperations.map(({ method, template }) => `${method} ${template}`);
  expect(listed.toSorted()).toEqual(specified.toSorted());
});

const operationOf = (name: string) => name.split(', ')[0] ?? '';

function request(name: string, { at = server, value = '', query = {}, body }: Act) {
  const [method = '', template = ''] = operationOf(name).split(' ');
  const path = template.replace(/\{\w+\}/, encodeURIComponent(value));
  return send(`${at.urls[0]}${path}?${new URLSearchParams(query)}`, {
    method,
    headers: {
      host: new URL(at.issuer).host,
      authorization: `Bearer ${tokens.get(at)}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

// The ids at the beginning of titles are rows of docs/security.md.
it.each(Object.entries(acts))(
  'G2: %s changes nothing and shows nothing if the audit log cannot be written',
  async (name, prepare) => {
    const act = await prepare();
    const before = await events.readTables();
    const answer = await events.whileRefused(() => request(name, act));
    expect([answer.status, await events.readTables()]).toEqual([500, before]);
    // the answer says nothing but that the server failed
    expect(answer.text.length).toBeLessThan(500);
    expect((await request(name, act)).status).toBeLessThan(300);
    expect(await events.readTables()).not.toEqual(before);
  },
);

it.each(Object.values(unrecorded).flat())(
  '%s works while the audit log cannot be written, and changes nothing',
  async (name) => {
    const before = await events.readTables();
    const answer = await events.whileRefused(() => request(name, {}));
    expect([answer.status, await events.readTables()]).toEqual([200, before]);
  },
);
