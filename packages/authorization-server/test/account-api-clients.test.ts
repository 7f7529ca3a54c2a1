import { approveClient, blockClient, unblockClient } from '@aipassport/store/authorization';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { callApi, makeToken } from './support/account-api.js';
import { meetAtClient } from './support/meet-at-client.js';
import { registerClient } from './support/own-client.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
let token: string;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
});
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createOwner(server);
  token = await makeToken(owner, ['developer']);
});

const call = (operation: string, request = {}) => callApi(server, token, operation, request);
/** Expects that the owner's last event is of this kind and names the token. */
async function expectAudited(event: string) {
  const { accountId } = owner;
  const tokens = server.db.selectFrom('account_tokens').select('id').where('account_id', '=', accountId);
  const events = server.db.selectFrom('audit_events').select(['event', 'detail']).where('account_id', '=', accountId);
  const { id } = await tokens.executeTakeFirstOrThrow();
  const last = await events.orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow();
  expect(last).toMatchObject({ event, detail: { api_token: id, api_token_name: 'Dashboard' } });
}

const changesOfClients = [
  ['POST /api/account/clients', { name: 'Mine', type: 'web', redirect_uris: ['https://mine.example/'] }],
  ['PATCH /api/account/clients/{client_id}', { redirect_uris: ['https://mine.example/'] }],
  ['DELETE /api/account/clients/{client_id}', undefined],
  ['POST /api/account/clients/{client_id}/secrets', { overlap_seconds: 0 }],
  ['DELETE /api/account/clients/{client_id}/secrets', undefined],
] as const;

it('registers, changes and deletes an app of the owner, by the rules of the page', async () => {
  const body = { name: 'Weather', type: 'web', redirect_uris: ['https://weather.example/callback'] };
  const made = await callApi<{ client: { client_id: string }; client_secret: string }>(
    server,
    token,
    'POST /api/account/clients',
    { body },
  );
  expect([made.status, made.body.client_secret]).toEqual([201, expect.stringMatching(/^[\w-]{43}$/)]);
  await expectAudited('client_registered');
  const value = made.body.client.client_id;
  const changed = await call('PATCH /api/account/clients/{client_id}', {
    value,
    body: { site: 'https://weather.example', policy_uri: 'https://weather.example/privacy' },
  });
  expect(changed.body).toMatchObject({
    name: 'Weather',
    site: 'https://weather.example',
    policy_uri: 'https://weather.example/privacy',
    tos_uri: null,
    redirect_uris: body.redirect_uris,
    is_approved: false,
    is_blocked: false,
  });
  await approveClient(server.db, { clientId: value, by: undefined });
  const approved = await call('GET /api/account/clients/{client_id}', { value });
  expect(approved.body).toMatchObject({ is_approved: true, is_blocked: false });
  await blockClient(server.db, { clientId: value, by: undefined });
  const blocked = await call('GET /api/account/clients/{client_id}', { value });
  expect(blocked.body).toMatchObject({ is_approved: false, is_blocked: true });
  await unblockClient(server.db, { clientId: value, by: undefined });
  await expectAudited('client_changed');
  const secret = await call('POST /api/account/clients/{client_id}/secrets', {
    value,
    body: { overlap_seconds: 3_600 },
  });
  expect(secret.body['client_secret']).not.toBe(made.body.client_secret);
  expect((await call('GET /api/account/clients/{client_id}', { value })).body['previous_secrets_end_at']).toHaveLength(
    1,
  );
  expect((await call('DELETE /api/account/clients/{client_id}/secrets', { value })).status).toBe(204);
  await expectAudited('client_secrets_ended');
  expect((await call('DELETE /api/account/clients/{client_id}', { value })).status).toBe(204);
  await expectAudited('client_deleted');
  expect((await call('GET /api/account/clients/{client_id}', { value })).status).toBe(404);
});

it('changes of different members that two replicas get at the same moment are all kept', async () => {
  const { id: value } = await registerClient(owner.browser);
  const operation = 'PATCH /api/account/clients/{client_id}';
  const changes = [{ name: 'Tides' }, { site: 'https://tides.example' }];
  const send = () => changes.map((body, replica) => call(operation, { value, body, replica }));
  const answers = await meetAtClient(server.db, value, send);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const { body } = await call('GET /api/account/clients/{client_id}', { value });
  expect(body).toMatchObject({ name: 'Tides', site: 'https://tides.example' });
});

it.each([
  ['a redirect address without TLS', { redirect_uris: ['http://weather.example/'] }, 'redirect_uris'],
  ['no redirect address', { redirect_uris: [] }, 'redirect_uris'],
  ['a name with hidden characters', { name: 'a\u200bb' }, 'name'],
  ['another type', { type: 'desktop' }, 'type'],
])('no app is registered with %s', async (_name, fields, member) => {
  const body = { name: 'Weather', type: 'web', redirect_uris: ['https://weather.example/'], ...fields };
  expect((await call('POST /api/account/clients', { body })).body).toMatchObject({ error: 'invalid_request', member });
});

it('one answer names every wrong member of an app, whichever rule it breaks', async () => {
  const wrong = { site: 'http://weather.example', redirect_uris: ['http://weather.example/'], colour: 'blue' };
  const body = { name: 'x'.repeat(101), type: 'web', ...wrong };
  const refused = await call('POST /api/account/clients', { body });
  expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_request', member: 'colour' } });
  const named = refused.body['errors'] as unknown as readonly { member: string; rule: string }[];
  expect(named.map(({ member }) => member)).toEqual(['colour', 'name', 'site', 'redirect_uris']);
  expect(named.every(({ rule }) => rule.length > 5)).toBe(true);
  for (const { member, rule } of named) expect(refused.body['error_description']).toContain(`${member}: ${rule}`);
  const { id: value } = await registerClient(owner.browser);
  const changed = await call('PATCH /api/account/clients/{client_id}', {
    value,
    body: { ...wrong, name: 'a\u200bb', tos_uri: 7 },
  });
  const ofChange = changed.body['errors'] as unknown as readonly { member: string }[];
  expect(ofChange.map(({ member }) => member)).toEqual(['colour', 'tos_uri', 'name', 'site', 'redirect_uris']);
  const none = await call('POST /api/account/clients', { body: {} });
  expect(none.body['errors']).toMatchObject([{ member: 'name' }, { member: 'type' }]);
});

it('an answer names at most 50 wrong members', async () => {
  const body = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`member${index}`, true]));
  expect((await call('POST /api/account/clients', { body })).body['errors']).toHaveLength(50);
});

it.each([0, 1])(
  'the permission to change the account does not open the apps that the owner builds, at server %i',
  async (replica) => {
    const { id: value } = await registerClient(owner.browser);
    const clientRow = () => server.db.selectFrom('clients').selectAll().where('id', '=', value).execute();
    const before = await clientRow();
    const managing = await makeToken(owner, ['manage'], 'Managing');
    for (const [operation, body] of changesOfClients) {
      const refused = await callApi(server, managing, operation, { value, body, replica });
      expect([operation, refused.status, refused.headers['www-authenticate']]).toEqual([
        operation,
        403,
        'Bearer error="insufficient_scope", scope="developer"',
      ]);
      expect(refused.body['error_description']).toContain('the permission developer');
    }
    expect(await clientRow()).toEqual(before);
    const developing = await makeToken(owner, ['developer'], 'Developing');
    const change = 'PATCH /api/account/clients/{client_id}';
    expect((await callApi(server, developing, change, { value, body: { name: 'Other' }, replica })).status).toBe(200);
    expect((await callApi(server, developing, 'DELETE /api/account/sessions', { replica })).status).toBe(403);
  },
);

it('an app of another account cannot be changed', async () => {
  const { id: value } = await registerClient((await createOwner(server)).browser);
  for (const [operation, body] of changesOfClients.slice(1))
    expect([operation, (await call(operation, { value, body })).status]).toEqual([operation, 404]);
});
