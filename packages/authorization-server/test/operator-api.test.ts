import {
  approveClient,
  enableAccount,
  insertInvitation,
  listInvitations,
  setMayInvite,
  setOperator,
} from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { environment } from '../src/environment.js';
import { describeSettings } from '../src/operator/describe-settings.js';
import { apiOperations, callApi, makeToken } from './support/account-api.js';
import { readForm } from './support/browser.js';
import { addClient } from './support/client.js';
import { encodeForm } from './support/http.js';
import { registerClient } from './support/own-client.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let operator: Owner;
let token: string;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  operator = await createOwner(server);
  await setOperator(server.db, operator.accountId, true);
  token = await makeToken(operator, ['operator']);
});
afterAll(() => server.close());

const call = <T = Record<string, unknown>>(operation: string, request = {}) =>
  callApi<T>(server, token, operation, request);

it('the operations for operators refuse a token without the permission for them, and a token of a former operator', async () => {
  const former = await createOwner(server);
  await setOperator(server.db, former.accountId, true);
  const theirs = await makeToken(former, ['operator']);
  const kept = await makeToken(former, ['manage'], 'Kept');
  expect((await callApi(server, theirs, 'GET /api/operator', { replica: 1 })).status).toBe(200);
  await setOperator(server.db, former.accountId, false);
  const reading = await makeToken(operator, ['manage']);
  const operations = apiOperations.filter(({ template }) => template.startsWith('/api/operator'));
  expect(operations.length).toBeGreaterThan(4);
  for (const { method, template } of operations) {
    const operation = `${method} ${template}`;
    const request = { value: operator.accountId, replica: 1, ...(method === 'POST' && { body: {} }) };
    expect([operation, (await callApi(server, theirs, operation, request)).status]).toEqual([operation, 401]);
    expect([operation, (await callApi(server, reading, operation, request)).status]).toEqual([operation, 403]);
  }
  await setOperator(server.db, former.accountId, true);
  for (const replica of [0, 1]) {
    expect((await callApi(server, theirs, 'GET /api/account', { replica })).status).toBe(401);
    expect((await callApi(server, kept, 'GET /api/account', { replica })).status).toBe(200);
  }
});

it('no token for operators is left if it is made while the account stops being an operator', async () => {
  const former = await createOwner(server);
  for (let round = 0; round < 10; round += 1) {
    await setOperator(server.db, former.accountId, true);
    const page = await former.browser.open('/account/tokens');
    const fields = {
      ...readForm(page.text, '/account/tokens'),
      name: 'Late',
      lifetime_days: '7',
      permissions: 'operator',
    };
    const submission = { method: 'POST', body: encodeForm(fields) };
    await Promise.all([
      ...[1, 2, 3].map(() => former.browser.request('/account/tokens', submission)),
      setOperator(server.db, former.accountId, false),
    ]);
    const tokens = server.db.selectFrom('account_tokens').select('id').where('account_id', '=', former.accountId);
    expect(await tokens.execute()).toEqual([]);
  }
});

it('a token of an operator ends when the account is disabled, and stays ended when it is enabled', async () => {
  const other = await createOwner(server);
  await setOperator(server.db, other.accountId, true);
  const theirs = await makeToken(other, ['operator']);
  const disabled = await call('POST /api/operator/changes', {
    body: { act: 'disable_account', subject: other.accountId },
  });
  expect(disabled.body).toEqual({ changed: true });
  expect((await callApi(server, theirs, 'GET /api/operator', { replica: 1 })).status).toBe(401);
  await enableAccount(server.db, other.accountId);
  expect((await callApi(server, theirs, 'GET /api/operator', { replica: 1 })).status).toBe(401);
});

it('shows the health and the settings of the server, and no secret', async () => {
  const { body, text } = await call('GET /api/operator');
  expect(body).toMatchObject({ node_version: process.version, is_ready: true, accounts: expect.any(Number) });
  expect(text).toContain('"ISSUER"');
  for (const secret of [...server.configuration.cookieKeys, server.configuration.databaseUrl])
    expect(text).not.toContain(secret);
});

it('shows that ALLOW_OPERATOR_KEYS is on, even if OPERATOR_KEYS_FOR names no provider', () => {
  const settings = describeSettings({ ...server.configuration, allowOperatorKeys: true, operatorKeysFor: [] });
  expect(settings).toContainEqual({ name: 'ALLOW_OPERATOR_KEYS', value: 'true' });
});

it('names every setting of the environment', async () => {
  const { body } = await call<{ settings: { name: string }[] }>('GET /api/operator');
  const names = body.settings.map(({ name }) => name);
  expect(Object.keys(environment.variables).filter((name) => name !== 'NODE_ENV' && !names.includes(name))).toEqual([]);
  expect(names.length).toBe(new Set(names).size);
});

it('lists accounts page by page, each once, and finds an app by its name', async () => {
  type Page = { readonly accounts: { readonly email: string }[]; readonly next: string | null };
  await Promise.all(Array.from({ length: 3 }, () => createOwner(server)));
  await server.db
    .insertInto('accounts')
    .values(
      Array.from({ length: 105 }, (_, index) => ({
        id: `a${index}`,
        email: `many-${index}@x.example`,
        password_hash: '',
      })),
    )
    .execute();
  const first = await call<Page>('GET /api/operator/accounts', { query: { search: 'many-' } });
  const second = await call<Page>('GET /api/operator/accounts', {
    query: { search: 'many-', cursor: first.body.next ?? '' },
  });
  const emails = [...first.body.accounts, ...second.body.accounts].map(({ email }) => email);
  expect([first.body.accounts.length, new Set(emails).size, second.body.next]).toEqual([100, 105, null]);
  const { id } = await addClient(server, { name: 'Weather' });
  const clients = await call('GET /api/operator/clients', { query: { search: 'Weather' } });
  expect(clients.body).toMatchObject({ clients: [{ client_id: id, name: 'Weather', is_blocked: false }], next: null });
});

it('blocks an app at once, and the audit log names the token', async () => {
  const { id: subject } = await addClient(server);
  const change = (act: string) => call('POST /api/operator/changes', { body: { act, subject } });
  expect((await change('block_client')).body).toEqual({ changed: true });
  expect((await change('block_client')).body).toEqual({ changed: false });
  expect(
    await server.db.selectFrom('client_blocks').selectAll().where('client_id', '=', subject).execute(),
  ).toHaveLength(1);
  const log = await call<{ events: { event: string; detail: { by?: string } }[] }>('GET /api/operator/audit', {
    query: { client_id: subject, event: 'client_blocked' },
  });
  const { body } = await call<{ token: { token_id: string } }>('GET /api/account');
  expect(log.body.events).toMatchObject([
    { event: 'client_blocked', detail: { by: `api_token:${body.token.token_id}` } },
  ]);
});

it('ends the approval of an app; the API has no operation that undoes a change made with it', async () => {
  const { id: subject } = await registerClient((await createOwner(server)).browser);
  await approveClient(server.db, { clientId: subject, by: 'test' });
  const change = (act: string) => call('POST /api/operator/changes', { body: { act, subject } });
  expect((await change('disapprove_client')).body).toEqual({ changed: true });
  await change('block_client');
  for (const act of ['approve_client', 'unblock_client', 'enable_account', 'let_invite', 'remove_authenticator']) {
    const refused = await change(act);
    expect([act, refused.status, refused.body['member']]).toEqual([act, 400, 'act']);
  }
  expect((await call('GET /api/operator/clients', { query: { search: subject } })).body).toMatchObject({
    clients: [{ is_approved: false, is_blocked: true }],
  });
});

it('ends the right to invite, and withdraws an invitation once', async () => {
  const { accountId } = await createOwner(server);
  await setMayInvite(server.db, accountId, { mayInvite: true });
  await insertInvitation(server.db, { createdBy: accountId, note: undefined, expiresInSeconds: 86_400 });
  const [invitation] = await listInvitations(server.db, { createdBy: accountId });
  const change = (act: string, subject = '') => call('POST /api/operator/changes', { body: { act, subject } });
  expect((await change('withdraw_invitation', invitation?.id)).body).toEqual({ changed: true });
  expect((await change('withdraw_invitation', invitation?.id)).status).toBe(404);
  expect((await change('stop_inviting', accountId)).body).toEqual({ changed: true });
  const { body } = await call('GET /api/operator/accounts/{account_id}', { value: accountId });
  expect(body).toMatchObject({ can_invite: false });
});

it('disables an account, but not the account of the token', async () => {
  const { accountId, browser } = await createOwner(server);
  const disable = (subject: string) =>
    call('POST /api/operator/changes', { body: { act: 'disable_account', subject } });
  expect((await disable(accountId)).body).toEqual({ changed: true });
  expect((await browser.open('/account')).url.pathname).toBe('/account/sign-in');
  expect((await disable(operator.accountId)).status).toBe(404);
  expect((await disable('nobody')).status).toBe(404);
  const unknown = await call('POST /api/operator/changes', {
    body: { act: 'remove_authenticator', subject: accountId },
  });
  expect([unknown.status, unknown.body['member']]).toEqual([400, 'act']);
});
