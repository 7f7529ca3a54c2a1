import {
  adminScopes,
  approveClient,
  findAccountByEmail,
  findClient,
  listInvitations,
  setOperator,
  unblockClient,
} from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ApiRequest, callApi } from './support/account-api.js';
import { addAdminClient, obtainAdminToken } from './support/admin-client.js';
import { assertClient, type KeyedClient } from './support/assertion.js';
import { Browser } from './support/browser.js';
import { addClient, connect, introspect, requestAuthorization } from './support/client.js';
import { json, postForm, send } from './support/http.js';
import { registerClient } from './support/own-client.js';
import { createOwner, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let machine: KeyedClient;
let token: string;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
  machine = await addAdminClient(server, adminScopes);
  token = (await obtainAdminToken(server, machine, adminScopes)).access_token;
});
afterAll(() => server.close());

const call = <T = Record<string, unknown>>(operation: string, value = '', request: ApiRequest = {}) =>
  callApi<T>(server, token, operation, { value, replica: 1, ...request });

/** Sends the same request ten times at once, to both servers. */
const storm = (operation: string, value: string) =>
  Promise.all(Array.from({ length: 10 }, (_, index) => call(operation, value, { replica: index % 2 })));

/** The rows of the audit log that this program has caused, about an account or a client. */
async function listActs(of: { readonly account?: string; readonly client?: string }) {
  const rows = await server.db
    .selectFrom('audit_events')
    .select(['event', 'account_id', 'client_id', 'grant_id', 'detail'])
    .where(of.account === undefined ? 'client_id' : 'account_id', '=', of.account ?? of.client ?? '')
    .orderBy('id')
    .execute();
  return rows
    .map((row) => ({ ...row, detail: row.detail as Record<string, unknown> }))
    .filter(({ detail }) => detail['admin_client'] === machine.client.id);
}

const author = () => ({
  admin_client: machine.client.id,
  request_id: expect.any(String),
  address: '127.0.0.1',
});
const kindsOf = (acts: readonly { readonly event: string }[]) => acts.map(({ event }) => event);

// The ids at the beginning of titles are rows of docs/security.md.
it('E4: ten requests at once for the same change make it once, with one row in the audit log', async () => {
  const { accountId } = await createOwner(server);
  const { id: clientId } = await addClient(server, { registeredBy: 'registration' });
  for (const [operation, value, event] of [
    ['POST /api/admin/accounts/{account_id}/disable', accountId, 'account_disabled'],
    ['POST /api/admin/accounts/{account_id}/enable', accountId, 'account_enabled'],
    ['POST /api/admin/accounts/{account_id}/let-invite', accountId, 'may_invite_changed'],
    ['POST /api/admin/clients/{client_id}/approve', clientId, 'client_approved'],
    ['POST /api/admin/clients/{client_id}/disapprove', clientId, 'client_disapproved'],
    ['POST /api/admin/clients/{client_id}/block', clientId, 'client_blocked'],
    ['POST /api/admin/clients/{client_id}/unblock', clientId, 'client_unblocked'],
  ] as const) {
    const answers = await storm(operation, value);
    expect([operation, answers.filter(({ body }) => body['changed'] === true).length]).toEqual([operation, 1]);
    const acts = await listActs(value === accountId ? { account: value } : { client: value });
    const rows = acts.filter((act) => act.event === event);
    expect(rows).toEqual([expect.objectContaining({ detail: expect.objectContaining(author()) })]);
    expect(rows[0]?.detail['by']).toBe(`admin_client:${machine.client.id}`);
  }
  const stopped = await storm('POST /api/admin/accounts/{account_id}/stop-inviting', accountId);
  expect(stopped.filter(({ body }) => body['changed'] === true).length).toBe(1);
  for (const [operation, value, event] of [
    ['DELETE /api/admin/clients/{client_id}', clientId, 'client_deleted'],
    ['DELETE /api/admin/accounts/{account_id}', accountId, 'account_deleted'],
  ] as const) {
    const statuses = (await storm(operation, value)).map(({ status }) => status).toSorted((one, other) => one - other);
    expect(statuses).toEqual([204, ...Array.from({ length: 9 }, () => 404)]);
    const rows = await server.db
      .selectFrom('audit_events')
      .select('detail')
      .where('event', '=', event)
      .orderBy('id')
      .execute();
    expect(
      rows.filter(({ detail }) => (detail as Record<string, unknown>)['admin_client'] === machine.client.id),
    ).toHaveLength(1);
  }
});

it('a disabled account is signed out at once, at every replica, and can sign in once it is enabled', async () => {
  const { accountId, browser, email } = await createOwner(server);
  const app = await addClient(server);
  const { access_token: ofApp } = await connect(server, browser, app);
  await call('POST /api/admin/accounts/{account_id}/disable', accountId);
  expect((await browser.open('/account')).url.pathname).toBe('/account/sign-in');
  expect(await introspect(server, ofApp)).toEqual({ active: false });
  expect(kindsOf(await listActs({ account: accountId })).toSorted()).toEqual(['account_disabled', 'grant_revoked']);
  await call('POST /api/admin/accounts/{account_id}/enable', accountId);
  const again = new Browser(server.issuer);
  expect((await signIn(again, email)).url.pathname).toBe('/account');
  expect(await introspect(server, ofApp)).toEqual({ active: false });
});

it('deletes an account with its apps, and keeps its spending without a name', async () => {
  const { accountId, browser, email } = await createOwner(server);
  const theirs = await registerClient(browser);
  const app = await addClient(server);
  const { access_token: ofApp } = await connect(server, browser, app);
  expect((await call('DELETE /api/admin/accounts/{account_id}', accountId)).status).toBe(204);
  expect((await call('DELETE /api/admin/accounts/{account_id}', accountId)).status).toBe(404);
  expect(await findAccountByEmail(server.db, email)).toBeUndefined();
  expect(await introspect(server, ofApp)).toEqual({ active: false });
  expect((await findClient(server.db, theirs.id))?.isBlocked).toBe(true);
  const ended = await listActs({ client: app.id });
  expect(ended).toEqual([
    expect.objectContaining({
      event: 'grant_revoked',
      account_id: expect.stringMatching(/^deleted-/),
      // without the IP address, which the rows of a deleted account do not have
      detail: expect.objectContaining({ reason: 'operator', by: 'operator', request_id: expect.any(String) }),
    }),
  ]);
});

it('the only operator who can sign in is not disabled, even when programs disable two operators at once', async () => {
  const accounts = await Promise.all([createOwner(server), createOwner(server)]);
  const [one, other] = accounts.map(({ accountId }) => accountId);
  for (const { accountId } of accounts) await setOperator(server.db, accountId, true);
  const disable = (value = '', replica = 0) =>
    call('POST /api/admin/accounts/{account_id}/disable', value, { replica });
  const answers = await Promise.all([disable(one, 0), disable(other, 1)]);
  expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 409]);
  expect(answers.find(({ status }) => status === 409)?.body['error']).toBe('conflict');
  const [disabled = '', left = ''] = answers[0]?.status === 200 ? [one, other] : [other, one];
  expect((await disable(left)).status).toBe(409);
  expect(kindsOf(await listActs({ account: left }))).toEqual([]);
  // a disabled operator is disabled once more, or loses the role: neither changes who can sign in
  expect((await disable(disabled)).body).toEqual({ changed: false });
  await call('POST /api/admin/accounts/{account_id}/enable', disabled);
  expect((await disable(left)).body).toEqual({ changed: true });
  for (const { accountId } of accounts) await setOperator(server.db, accountId, false);
  expect((await disable(disabled)).body).toEqual({ changed: true });
});

it('does not delete the account of an operator', async () => {
  const { accountId } = await createOwner(server);
  await setOperator(server.db, accountId, true);
  const refused = await call('DELETE /api/admin/accounts/{account_id}', accountId);
  expect([refused.status, refused.body['error']]).toEqual([409, 'conflict']);
  await setOperator(server.db, accountId, false);
  expect((await call('DELETE /api/admin/accounts/{account_id}', accountId)).status).toBe(204);
});

const invitation = { note: ' For Ada ', expires_in_seconds: 3_600 };

it('makes no invitation if this server creates no accounts by invitation', async () => {
  expect((await call('POST /api/admin/invitations', '', { body: invitation })).status).toBe(409);
});

it('makes an invitation whose link creates one account, and withdraws another', async () => {
  const inviting = await startTestServer({ configuration: { accountCreation: 'invite' } });
  try {
    await checkInvitations(inviting);
  } finally {
    await inviting.close();
  }
});

async function checkInvitations(inviting: TestServer): Promise<void> {
  const keyed = await addAdminClient(inviting, adminScopes);
  const { access_token: sent } = await obtainAdminToken(inviting, keyed, adminScopes);
  const create = () =>
    callApi<{ invitation_id: string; link: string }>(inviting, sent, 'POST /api/admin/invitations', {
      body: invitation,
    });
  const used = await create();
  expect(used.status).toBe(201);
  const stored = await listInvitations(inviting.db);
  expect(stored.find(({ id }) => id === used.body.invitation_id)).toMatchObject({ note: 'For Ada', state: 'open' });
  const { pathname, search } = new URL(used.body.link);
  expect((await new Browser(inviting.issuer).open(`${pathname}${search}`)).text).toContain('name="password"');
  const withdraw = (id: string) =>
    callApi(inviting, sent, 'DELETE /api/admin/invitations/{invitation_id}', { value: id });
  const other = await create();
  expect((await withdraw(other.body.invitation_id)).status).toBe(204);
  expect((await withdraw(other.body.invitation_id)).status).toBe(404);
  expect((await callApi(inviting, sent, 'GET /api/admin/invitations')).text).not.toContain(other.body.invitation_id);
  const rows = await inviting.db.selectFrom('audit_events').select(['event', 'detail']).orderBy('id').execute();
  const acts = rows.filter(
    ({ detail }) => (detail as Record<string, unknown>)['invitation'] === other.body.invitation_id,
  );
  expect(acts).toEqual([
    {
      event: 'invitation_created',
      detail: expect.objectContaining({ admin_client: keyed.client.id, request_id: expect.any(String) }),
    },
    {
      event: 'invitation_withdrawn',
      detail: expect.objectContaining({ admin_client: keyed.client.id, request_id: expect.any(String) }),
    },
  ]);
}

it('refuses a body that breaks a rule, and changes nothing', async () => {
  const count = async () => (await listInvitations(server.db)).length;
  const before = await count();
  for (const [body, member] of [
    [{}, 'expires_in_seconds'],
    [{ expires_in_seconds: 59 }, 'expires_in_seconds'],
    [{ expires_in_seconds: 3_600, note: 'n'.repeat(101) }, 'note'],
    [{ expires_in_seconds: 3_600, by: 'somebody' }, 'by'],
  ] as const) {
    const refused = await call('POST /api/admin/invitations', '', { body });
    expect([refused.status, refused.body['member']]).toEqual([400, member]);
  }
  expect(await count()).toBe(before);
});

it('approves a client that an owner registered, but none that is blocked or that the operator added', async () => {
  const { id } = await registerClient((await createOwner(server)).browser);
  const approve = (clientId: string) => call('POST /api/admin/clients/{client_id}/approve', clientId);
  expect((await approve(id)).body).toEqual({ changed: true });
  expect((await findClient(server.db, id))?.isApproved).toBe(true);
  await call('POST /api/admin/clients/{client_id}/block', id);
  expect((await approve(id)).status).toBe(409);
  expect((await approve((await addClient(server)).id)).status).toBe(409);
  expect(await approveClient(server.db, { clientId: id, by: undefined })).toBe(false);
});

it('blocks a client and unblocks it; access that the block ended stays ended', async () => {
  const { browser } = await createOwner(server);
  const app = await addClient(server);
  const { access_token: ofApp } = await connect(server, browser, app);
  await call('POST /api/admin/clients/{client_id}/block', app.id);
  expect((await requestAuthorization(server, app, {})).page.status).toBe(400);
  expect(await introspect(server, ofApp)).toEqual({ active: false });
  await call('POST /api/admin/clients/{client_id}/unblock', app.id);
  expect(await introspect(server, ofApp)).toEqual({ active: false });
  expect(kindsOf(await listActs({ client: app.id }))).toEqual(['client_blocked', 'grant_revoked', 'client_unblocked']);
});

it('revokes one grant; repeated requests change nothing', async () => {
  const { browser } = await createOwner(server);
  const app = await addClient(server);
  const { access_token: ofApp } = await connect(server, browser, app);
  const { id } = await server.db
    .selectFrom('grants')
    .select('id')
    .where('client_id', '=', app.id)
    .executeTakeFirstOrThrow();
  const answers = await storm('DELETE /api/admin/grants/{grant_id}', id);
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 204));
  expect(await introspect(server, ofApp)).toEqual({ active: false });
  expect(await listActs({ client: app.id })).toEqual([
    expect.objectContaining({
      event: 'grant_revoked',
      grant_id: id,
      detail: { reason: 'operator', by: 'operator', ...author() },
    }),
  ]);
});

it('revokes the grants of a client or of an account, and all grants only with a confirmation', async () => {
  const [one, two] = await Promise.all([createOwner(server), createOwner(server)]);
  const [first, second] = [await addClient(server), await addClient(server)];
  const tokens = {
    oneFirst: (await connect(server, one.browser, first)).access_token,
    oneSecond: (await connect(server, one.browser, second)).access_token,
    twoFirst: (await connect(server, two.browser, first)).access_token,
    twoSecond: (await connect(server, two.browser, second)).access_token,
  };
  const listLive = async () => {
    const states = await Promise.all(
      Object.entries(tokens).map(async ([name, one_]) => [name, await introspect(server, one_)] as const),
    );
    return states.filter(([, { active }]) => active === true).map(([name]) => name);
  };
  const revoke = (query: Readonly<Record<string, string>>) => call('DELETE /api/admin/grants', '', { query });
  expect((await revoke({ client_id: first.id, account_id: one.accountId })).body).toMatchObject({ grants: 1 });
  expect(await listLive()).toEqual(['oneSecond', 'twoFirst', 'twoSecond']);
  expect((await revoke({ client_id: first.id })).body).toEqual({ grants: 1, tokens: 2, requests: 0 });
  expect(await listLive()).toEqual(['oneSecond', 'twoSecond']);
  expect((await revoke({ account_id: one.accountId })).body).toMatchObject({ grants: 1 });
  expect(await listLive()).toEqual(['twoSecond']);
  for (const query of [{}, { confirm: 'yes' }, { confirm: 'all', client_id: second.id }]) {
    const refused = await revoke(query);
    expect([refused.status, refused.body['member']]).toEqual([400, 'confirm']);
  }
  expect(await listLive()).toEqual(['twoSecond']);
  expect((await revoke({ confirm: 'all' })).status).toBe(200);
  expect(await listLive()).toEqual([]);
  expect((await revoke({ confirm: 'all' })).body).toEqual({ grants: 0, tokens: 0, requests: 0 });
  expect(kindsOf(await listActs({ account: two.accountId }))).toEqual(['grant_revoked', 'grant_revoked']);
});

it('exports the data that the owner can download, and no secret; the owner’s activity shows the export', async () => {
  const { accountId, browser, email } = await createOwner(server);
  await connect(server, browser, await addClient(server));
  const own = JSON.parse((await browser.submit(await browser.open('/account/export'), '/account/export', {})).text);
  const exported = await call('GET /api/admin/accounts/{account_id}/export', accountId);
  expect(Object.keys(exported.body)).toEqual(Object.keys(own));
  for (const part of Object.keys(own).filter((name) => name !== 'activity' && name !== 'sessions'))
    expect([part, exported.body[part]]).toEqual([part, own[part]]);
  expect(exported.text).toContain(email);
  const [account] = await server.db.selectFrom('accounts').selectAll().where('id', '=', accountId).execute();
  expect(exported.text).not.toContain(account?.password_hash ?? '');
  expect(await listActs({ account: accountId })).toEqual([
    expect.objectContaining({
      event: 'data_exported',
      detail: { by: `admin_client:${machine.client.id}`, ...author() },
    }),
  ]);
  expect((await browser.open('/account/activity')).text).toContain('Your data downloaded by the operator');
});

it('each read of the audit log is recorded in the audit log, with the filters of the request', async () => {
  const query = { event: 'audit_log_read', client_id: 'some-client' };
  await call('GET /api/admin/audit', '', { query });
  const { body } = await call<{ events: readonly object[] }>('GET /api/admin/audit', '', {
    query: { event: 'audit_log_read' },
  });
  expect(body.events[0]).toMatchObject({ event: 'audit_log_read', email: null, detail: { ...query, ...author() } });
});

it('answers 404 for an unknown identifier, and never touches the client of the resource proxy', async () => {
  const proxy = server.configuration.proxyClientId;
  for (const act of ['block', 'unblock', 'approve', 'disapprove'])
    for (const value of ['unknown', proxy])
      expect((await call(`POST /api/admin/clients/{client_id}/${act}`, value)).status).toBe(404);
  for (const act of ['disable', 'enable', 'let-invite', 'stop-inviting'])
    expect((await call(`POST /api/admin/accounts/{account_id}/${act}`, 'unknown')).status).toBe(404);
  for (const [operation, value] of [
    ['DELETE /api/admin/clients/{client_id}', proxy],
    ['DELETE /api/admin/clients/{client_id}', 'unknown'],
    ['DELETE /api/admin/accounts/{account_id}', 'unknown'],
    ['GET /api/admin/accounts/{account_id}/export', 'unknown'],
    ['DELETE /api/admin/grants/{grant_id}', 'unknown'],
    ['DELETE /api/admin/invitations/{invitation_id}', 'unknown'],
  ] as const)
    expect([operation, (await call(operation, value)).status]).toEqual([operation, 404]);
  expect((await findClient(server.db, proxy))?.isBlocked).toBe(false);
});

it('E3: the tokens that a client got for itself stay ended when it is unblocked, including those issued during the block', async () => {
  const scopes = ['admin:accounts:read'] as const;
  const headers = { host: new URL(server.issuer).host };
  for (let round = 0; round < 5; round += 1) {
    const other = await addAdminClient(server, scopes);
    const obtain = async (replica: number) => {
      const form = {
        grant_type: 'client_credentials',
        resource: `${server.issuer}/api/admin`,
        scope: scopes.join(' '),
        ...(await assertClient(server, other)),
      };
      const answer = await postForm(`${server.urls[replica]}/token`, form, headers);
      return answer.status === 200 ? [String(json(answer)['access_token'])] : [];
    };
    const use = async (sent: string) =>
      (await Promise.all([0, 1].map((replica) => callApi(server, sent, 'GET /api/admin/accounts', { replica })))).map(
        ({ status }) => status,
      );
    const [before = ''] = await obtain(0);
    expect(await use(before)).toEqual([200, 200]);
    const block = async () => {
      await new Promise((resolve) => setTimeout(resolve, 3 * round));
      await call('POST /api/admin/clients/{client_id}/block', other.client.id);
      return [];
    };
    const issued = (await Promise.all([obtain(0), obtain(1), obtain(0), block(), obtain(1), obtain(0)])).flat();
    expect(await unblockClient(server.db, { clientId: other.client.id, by: undefined })).toBe(true);
    for (const sent of [before, ...issued]) expect(await use(sent)).toEqual([401, 401]);
    const [after = ''] = await obtain(1);
    expect(await use(after)).toEqual([200, 200]);
  }
});

it('E3: a token for grant management also stays ended when its client is unblocked', async () => {
  const { browser } = await createOwner(server);
  const app = await registerClient(browser);
  const form = {
    grant_type: 'client_credentials',
    client_id: app.id,
    client_secret: app.secret ?? '',
    scope: 'grant_management_query',
  };
  const issued = json(await postForm(`${server.issuer}/token`, form))['access_token'];
  // a grant that is not there: 404 with a token that works, and 401 with any other
  const headers = { authorization: `Bearer ${String(issued)}` };
  const use = async () => (await send(`${server.issuer}/grants/unknown`, { headers })).status;
  expect(await use()).toBe(404);
  await call('POST /api/admin/clients/{client_id}/block', app.id);
  await call('POST /api/admin/clients/{client_id}/unblock', app.id);
  expect(await use()).toBe(401);
});
