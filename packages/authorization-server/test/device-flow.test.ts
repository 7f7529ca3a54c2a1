import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { deviceGrantType } from '../src/oidc/offered.js';
import { readText } from './support/browser.js';
import { addClient, callEndpoint, introspect, refresh, type TestClient, type Tokens } from './support/client.js';
import { header, json, postForm, send } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { makeProofKey, prove } from './support/proof.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import {
  addTerminal,
  askForCodes,
  beginDevice,
  type DeviceAuthorization,
  decideDevice,
  openConsent,
  poll,
} from './support/terminal.js';

let database: TestDatabase;
let server: TestServer;
let client: TestClient;
let owner: Owner;
beforeAll(async () => {
  database = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  server = await startTestServer({ replicas: 2, database, configuration: { trustedProxyHops: 1 } });
  client = await addTerminal(server);
  owner = await createOwner(server);
});
afterAll(async () => {
  await server.close();
  await database.close();
});

const pollFor = (device: DeviceAuthorization, replica = 0) => poll(server, client, device, server.urls[replica]);

async function connectTerminal(device: DeviceAuthorization): Promise<Tokens> {
  await decideDevice(owner.browser, device, 'allow');
  const answer = await pollFor(device);
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.text}`);
  return json(answer) as unknown as Tokens;
}

it('a terminal is given codes for ten minutes, an address that can be typed, and an interval', async () => {
  const answer = await askForCodes(server, client);
  const codes = json(answer);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(codes).toEqual({
    device_code: expect.stringMatching(/^[\w-]{43}$/),
    user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
    verification_uri: `${server.issuer}/device`,
    verification_uri_complete: `${server.issuer}/device?user_code=${String(codes['user_code'])}`,
    expires_in: 600,
    interval: 5,
  });
});

it('no code is stored: the device code as a hash, and the user code as a keyed one', async () => {
  const { device_code: deviceCode, user_code: userCode } = await beginDevice(server, client);
  await openConsent(owner.browser, userCode);
  const rows = await database.query<{ row: string }>(
    'select a::text as row from artifacts a union all select d::text from device_codes d',
  );
  const text = rows.map(({ row }) => row).join('\n');
  for (const secret of [deviceCode, userCode, userCode.replace('-', '')]) expect(text).not.toContain(secret);
});

it('only a client that is registered for it may use the device flow, at either endpoint', async () => {
  const app = await addClient(server);
  const device = await beginDevice(server, client);
  for (const answer of [await askForCodes(server, app), await poll(server, app, device)])
    expect([answer.status, json(answer)['error']]).toEqual([400, 'invalid_request']);
});

it('the owner narrows what a terminal gets, and it is a grant like any other', async () => {
  const device = await beginDevice(server, client, {
    scope: 'model:gpt-4o model:gpt-4o-mini cap:chat',
    authorization_details: JSON.stringify([{ type: 'ai_access', max_cost_usd: '5.00', reason: 'To write code.' }]),
  });
  const page = await openConsent(owner.browser, device.user_code);
  expect(readText(page.text)).toContain('To write code.');
  const fields = { scope: ['model:gpt-4o-mini', 'cap:chat'], max_cost_usd: '2.50' };
  const after = await decideDevice(owner.browser, device, 'allow', fields);
  expect(readText(after.text)).toContain('You can go back to your terminal');
  const answer = await pollFor(device, 1);
  const tokens = json(answer) as unknown as Tokens;
  expect([answer.status, tokens.scope]).toEqual([200, 'model:gpt-4o-mini cap:chat']);
  const details = { type: 'ai_access', models: ['gpt-4o-mini'], capabilities: ['chat'], max_cost_usd: '2.5' };
  expect(tokens.authorization_details).toMatchObject([details]);
  expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: 'https://proxy.example', client_id: client.id });
  const state = await introspect(server, tokens.access_token);
  expect(state).toMatchObject({ active: true, scope: 'model:gpt-4o-mini cap:chat', sub: owner.accountId });
  const next = json(await refresh(server, client, tokens.refresh_token)) as unknown as Tokens;
  expect(next.scope).toBe('model:gpt-4o-mini cap:chat');
  expect([tokens, next]).toMatchObject([{ grant_id: state['grant_id'] }, { grant_id: state['grant_id'] }]);
  const grants = await owner.browser.open('/account/grants');
  expect(readText(grants.text)).toContain('Test Terminal in a terminal');
  const grantPath = `/account/grants/${String(state['grant_id'])}`;
  await owner.browser.submit(await owner.browser.open(grantPath), `${grantPath}/revoke`);
  expect(await introspect(server, next.access_token)).toEqual({ active: false });
  expect(json(await refresh(server, client, next.refresh_token))['error']).toBe('invalid_grant');
});

it('a terminal that names no model leaves the choice to the owner', async () => {
  const device = await beginDevice(server, client, { scope: '' });
  await decideDevice(owner.browser, device, 'allow', { scope: ['model:gpt-4o', 'cap:chat'], max_cost_usd: '1' });
  expect(json(await pollFor(device))['scope']).toBe('model:gpt-4o cap:chat');
});

it('a terminal that asks for openid gets an ID token', async () => {
  const device = await beginDevice(server, client, { scope: 'openid model:gpt-4o cap:chat' });
  const tokens = (await connectTerminal(device)) as Tokens & { readonly id_token: string };
  expect(tokens.scope).toBe('openid model:gpt-4o cap:chat');
  const claims = decodeJwt(tokens.id_token);
  expect(claims).toMatchObject({ sub: owner.accountId, aud: client.id });
});

it('a terminal that sends a DPoP proof gets tokens that are bound to its key', async () => {
  const device = await beginDevice(server, client);
  await decideDevice(owner.browser, device, 'allow');
  const key = await makeProofKey();
  const form = { grant_type: deviceGrantType, device_code: device.device_code, client_id: client.id };
  const url = `${server.issuer}/token`;
  const answer = json(await postForm(url, form, { dpop: await prove(key, url) }));
  expect([answer['token_type'], answer['cnf']]).toEqual(['DPoP', undefined]);
  expect(decodeJwt(String(answer['access_token']))['cnf']).toEqual({ jkt: key.thumbprint });
  expect(json(await refresh(server, client, String(answer['refresh_token'])))['error']).toBe('invalid_grant');
});

it('unknown models, too many of them, another resource and a large request are refused before there is a code', async () => {
  const refused = [
    [{ scope: 'model:unheard-of' }, 'invalid_scope'],
    [{ resource: 'https://elsewhere.example' }, 'invalid_target'],
    [{ authorization_details: '[{"type":"other"}]' }, 'invalid_authorization_details'],
    [{ login_hint: 'x'.repeat(5_000) }, 'invalid_request'],
    // A grant is changed in a browser.
    [{ grant_management_action: 'update', grant_id: 'x' }, 'invalid_request'],
  ] as const;
  for (const [parameters, error] of refused) {
    const answer = await askForCodes(server, client, parameters);
    expect([answer.status, json(answer)['error']]).toEqual([400, error]);
  }
});

it('3.7: one network begins 300 requests of terminals in ten minutes, at both replicas together', async () => {
  const ask = async (replica: number, from = '198.51.100.77') =>
    postForm(
      `${server.urls[replica] ?? ''}/device_authorization`,
      { client_id: client.id, scope: 'cap:chat' },
      { host: new URL(server.issuer).host, 'x-forwarded-for': from },
    );
  for (let index = 0; index < 150; index += 1)
    for (const answer of await Promise.all([ask(0), ask(1)])) expect(answer.status).toBe(200);
  const refused = [await ask(0), await ask(1)];
  expect(refused.map(({ status }) => status)).toEqual([429, 429]);
  expect(Number(header(refused[0] ?? (await ask(0)), 'retry-after'))).toBeGreaterThan(0);
  expect((await ask(0, '198.51.100.78')).status).toBe(200);
});

it('the log has no code', async () => {
  const device = await beginDevice(server, client);
  await connectTerminal(device);
  const lines = server.logLines.join('');
  for (const secret of [device.device_code, device.user_code, device.user_code.replace('-', '')])
    expect(lines).not.toContain(secret);
});

it('a client with redirect URIs and a secret may use terminals too', async () => {
  const grants = { grant_types: ['authorization_code', 'refresh_token', deviceGrantType] };
  const both = await addClient(server, { metadata: grants });
  const device = await beginDevice(server, both);
  await decideDevice(owner.browser, device, 'allow');
  expect((await poll(server, both, device)).status).toBe(200);
  const wrong = await send(`${server.issuer}/device_authorization`, { method: 'POST' });
  expect(wrong.status).toBe(400);
  expect((await callEndpoint(`${server.issuer}/device_authorization`, { ...both, secret: 'no' }, {})).status).toBe(401);
});
