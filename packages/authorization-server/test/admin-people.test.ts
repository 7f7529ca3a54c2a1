import { adminScopes, blockClient, findAccountStanding, setOperator } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { adminOperations, callApi, readNewToken } from './support/account-api.js';
import { addClient } from './support/client.js';
import type { FormFields } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let operator: Owner;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  operator = await createOperator();
});
afterAll(() => server.close());

async function createOperator(): Promise<Owner> {
  const owner = await createOwner(server);
  await setOperator(server.db, owner.accountId, true);
  return owner;
}

const path = '/account/tokens';

/** Sends the form for a new token. */
async function submit({ browser }: Owner, scopes: readonly string[], fields: FormFields = {}) {
  const usual = { name: 'Console', admin_scopes: scopes, lifetime_days: '7' };
  return browser.submit(await browser.open(path), path, { ...usual, ...fields });
}

async function makeAdminToken(owner: Owner, scopes: readonly string[] = adminScopes): Promise<string> {
  const page = await submit(owner, scopes);
  const token = readNewToken(page.text);
  if (token === undefined) throw new Error(`no token was made: ${page.status}`);
  return token;
}

/** The statuses of a request at both servers. */
const use = (token: string, operation = 'GET /api/admin/accounts') =>
  Promise.all([0, 1].map(async (replica) => (await callApi(server, token, operation, { replica })).status));

// The ids at the beginning of titles are rows of docs/security.md.
it('E6: an operator makes a token for the admin API; the token has the chosen scopes and no others', async () => {
  const token = await makeAdminToken(operator, ['admin:accounts:read', 'admin:usage:read']);
  expect(await use(token)).toEqual([200, 200]);
  for (const { method, template, scope } of adminOperations) {
    if (scope === 'admin:accounts:read' || scope === 'admin:usage:read') continue;
    const answer = await callApi(server, token, `${method} ${template}`, { value: 'some-value' });
    expect([method, template, answer.status]).toEqual([method, template, 403]);
  }
  const listed = await operator.browser.open(path);
  expect(listed.text).toContain('admin:accounts:read admin:usage:read');
});

it('E6: when an account loses the role, its token ends at once at every server, and stays ended if the account gets the role again', async () => {
  const former = await createOperator();
  const token = await makeAdminToken(former, ['admin:accounts:read']);
  expect(await use(token)).toEqual([200, 200]);
  await setOperator(server.db, former.accountId, false);
  expect(await use(token)).toEqual([401, 401]);
  await setOperator(server.db, former.accountId, true);
  expect(await use(token)).toEqual([401, 401]);
});

it('E6: the token ends when it is removed, and when the account is disabled', async () => {
  const [one, other] = [await createOperator(), await createOperator()];
  const disabled = await makeAdminToken(one, ['admin:accounts:read']);
  const changed = await callApi(
    server,
    await makeAdminToken(operator, ['admin:accounts:write']),
    'POST /api/admin/accounts/{account_id}/disable',
    { value: one.accountId },
  );
  expect(changed.body).toEqual({ changed: true });
  expect(await use(disabled)).toEqual([401, 401]);
  const removed = await makeAdminToken(other, ['admin:accounts:read']);
  const { id } = await server.db
    .selectFrom('account_tokens')
    .select('id')
    .where('account_id', '=', other.accountId)
    .executeTakeFirstOrThrow();
  await other.browser.submit(await other.browser.open(path), `${path}/${id}/remove`, {});
  expect(await use(removed)).toEqual([401, 401]);
});

it('E6: only an operator gets a token for the admin API, and no token is left if the role ends at the same moment', async () => {
  const person = await createOwner(server);
  expect((await person.browser.open(path)).text).not.toContain('admin:accounts:read');
  const refused = await submit(person, ['admin:accounts:read']);
  expect([refused.status, readNewToken(refused.text)]).toEqual([422, undefined]);
  const former = await createOperator();
  for (let round = 0; round < 5; round += 1) {
    await setOperator(server.db, former.accountId, true);
    await Promise.all([
      ...[1, 2].map(() => submit(former, ['admin:accounts:read'])),
      setOperator(server.db, former.accountId, false),
    ]);
    const left = server.db.selectFrom('account_tokens').select('id').where('account_id', '=', former.accountId);
    expect(await left.execute()).toEqual([]);
  }
});

it('E6: the token is valid for seven days at most', async () => {
  const refused = await submit(operator, ['admin:accounts:read'], { lifetime_days: '30' });
  expect([refused.status, readNewToken(refused.text)]).toEqual([422, undefined]);
  expect(refused.text).toContain('choose 7 days at most');
});

it('E6: a token without scopes of the admin API does not open it, and a token with them does not open the API for operators', async () => {
  const withRole = await submit(operator, [], { permissions: ['operator'], lifetime_days: '30' });
  expect(await use(readNewToken(withRole.text) ?? '')).toEqual([401, 401]);
  const token = await makeAdminToken(operator);
  expect(await use(token, 'GET /api/operator')).toEqual([403, 403]);
});

it('E6: an operator cannot disable their own account', async () => {
  const token = await makeAdminToken(operator, ['admin:accounts:write']);
  const own = { value: operator.accountId };
  expect((await callApi(server, token, 'POST /api/admin/accounts/{account_id}/disable', own)).status).toBe(404);
  expect((await callApi(server, token, 'DELETE /api/admin/accounts/{account_id}', own)).status).toBe(409);
  expect((await findAccountStanding(server.db, operator.accountId))?.disabledAt).toBeUndefined();
});

it('E6: the audit log names the token of each act', async () => {
  const token = await makeAdminToken(operator);
  const rows = () =>
    server.db.selectFrom('audit_events').select(['event', 'account_id', 'detail']).orderBy('id').execute();
  const created = (await rows()).findLast(({ event }) => event === 'account_token_created');
  const id = (created?.detail as { readonly token: string } | undefined)?.token;
  expect(id).toBeDefined();
  const app = await addClient(server);
  await callApi(server, token, 'POST /api/admin/clients/{client_id}/block', { value: app.id });
  await callApi(server, token, 'GET /api/admin/audit');
  const caps = { body: { all_accounts: { max_cost_usd_per_month: '20' } } };
  await callApi(server, token, 'PATCH /api/admin/limits', caps);
  const acts = (await rows()).filter(({ detail }) => (detail as Record<string, unknown>)['admin_token'] === id);
  expect(acts).toMatchObject([
    { event: 'client_blocked', account_id: null, detail: { by: `api_token:${id}`, request_id: expect.any(String) } },
    { event: 'audit_log_read', account_id: operator.accountId },
    { event: 'operator_caps_changed', account_id: operator.accountId },
  ]);
  expect(await blockClient(server.db, { clientId: app.id, by: undefined })).toBe(false);
});
