import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { deviceGrantType } from '../src/oidc/offered.js';
import { readText } from './support/browser.js';
import { addClient, callEndpoint, introspect, refresh, type Tokens } from './support/client.js';
import { type DeviceTest, openDeviceTest } from './support/device-test.js';
import { header, json, postForm, send } from './support/http.js';
import { makeProofKey, prove } from './support/proof.js';
import { askForCodes, beginDevice, decideDevice, openConsent, poll } from './support/terminal.js';

let test: DeviceTest;
beforeAll(async () => {
  test = await openDeviceTest();
});
afterAll(() => test.close());

it('a terminal gets codes that are valid for ten minutes, a URL that can be typed, and an interval', async () => {
  const answer = await askForCodes(test.server, test.client);
  const codes = json(answer);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(codes).toEqual({
    device_code: expect.stringMatching(/^[\w-]{43}$/),
    user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
    verification_uri: `${test.server.issuer}/device`,
    verification_uri_complete: `${test.server.issuer}/device?user_code=${String(codes['user_code'])}`,
    expires_in: 600,
    interval: 5,
  });
});

it('no code is stored in plain text: the device code is stored as a hash, and the user code as a keyed hash', async () => {
  const { device_code: deviceCode, user_code: userCode } = await test.begin();
  await openConsent(test.owner.browser, userCode);
  const rows = await test.database.query<{ row: string }>(
    'select a::text as row from artifacts a union all select d::text from device_codes d',
  );
  const text = rows.map(({ row }) => row).join('\n');
  for (const secret of [deviceCode, userCode, userCode.replace('-', '')]) expect(text).not.toContain(secret);
});

it('only a client that is registered for the device flow may use it, at either endpoint', async () => {
  const app = await addClient(test.server);
  const device = await test.begin();
  for (const answer of [await askForCodes(test.server, app), await poll(test.server, app, device)])
    expect([answer.status, json(answer)['error']]).toEqual([400, 'invalid_request']);
});

it('the owner can narrow a terminal’s request, and the result is an ordinary grant', async () => {
  const device = await test.begin({
    scope: 'model:gpt-4o model:gpt-4o-mini cap:chat',
    authorization_details: JSON.stringify([{ type: 'ai_access', max_cost_usd: '5.00', reason: 'To write code.' }]),
  });
  const page = await openConsent(test.owner.browser, device.user_code);
  expect(readText(page.text)).toContain('To write code.');
  const fields = { scope: ['model:gpt-4o-mini', 'cap:chat'], max_cost_usd: '2.50' };
  const after = await decideDevice(test.owner.browser, device, 'allow', fields);
  expect(readText(after.text)).toContain('You can return to your terminal');
  const answer = await test.poll(device, 1);
  const tokens = json(answer) as unknown as Tokens;
  expect([answer.status, tokens.scope]).toEqual([200, 'model:gpt-4o-mini cap:chat']);
  const details = { type: 'ai_access', models: ['gpt-4o-mini'], capabilities: ['chat'], max_cost_usd: '2.5' };
  expect(tokens.authorization_details).toMatchObject([details]);
  expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: 'https://proxy.example', client_id: test.client.id });
  const state = await introspect(test.server, tokens.access_token);
  expect(state).toMatchObject({ active: true, scope: 'model:gpt-4o-mini cap:chat', sub: test.owner.accountId });
  const next = json(await refresh(test.server, test.client, tokens.refresh_token)) as unknown as Tokens;
  expect(next.scope).toBe('model:gpt-4o-mini cap:chat');
  expect([tokens, next]).toMatchObject([{ grant_id: state['grant_id'] }, { grant_id: state['grant_id'] }]);
  const grants = await test.owner.browser.open('/account/apps');
  expect(readText(grants.text)).toMatch(/Test Terminal Verified by this server’s operator in a terminal/);
  const grantPath = `/account/grants/${String(state['grant_id'])}`;
  await test.owner.browser.submit(await test.owner.browser.open(grantPath), `${grantPath}/revoke`);
  expect(await introspect(test.server, next.access_token)).toEqual({ active: false });
  expect(json(await refresh(test.server, test.client, next.refresh_token))['error']).toBe('invalid_grant');
});

it('if a terminal names no model, the owner chooses the models', async () => {
  const device = await test.begin({ scope: '' });
  await decideDevice(test.owner.browser, device, 'allow', { scope: ['model:gpt-4o', 'cap:chat'], max_cost_usd: '1' });
  expect(json(await test.poll(device))['scope']).toBe('model:gpt-4o cap:chat');
});

it('a terminal that asks for openid gets an ID token', async () => {
  const device = await test.begin({ scope: 'openid model:gpt-4o cap:chat' });
  const tokens = (await test.connect(device)) as Tokens & { readonly id_token: string };
  expect(tokens.scope).toBe('openid model:gpt-4o cap:chat');
  const claims = decodeJwt(tokens.id_token);
  expect(claims).toMatchObject({ sub: test.owner.accountId, aud: test.client.id });
});

it('a terminal that sends a DPoP proof gets tokens that are bound to its key', async () => {
  const device = await test.begin();
  await decideDevice(test.owner.browser, device, 'allow');
  const key = await makeProofKey();
  const form = { grant_type: deviceGrantType, device_code: device.device_code, client_id: test.client.id };
  const url = `${test.server.issuer}/token`;
  const answer = json(await postForm(url, form, { dpop: await prove(key, url) }));
  expect([answer['token_type'], answer['cnf']]).toEqual(['DPoP', undefined]);
  expect(decodeJwt(String(answer['access_token']))['cnf']).toEqual({ jkt: key.thumbprint });
  expect(json(await refresh(test.server, test.client, String(answer['refresh_token'])))['error']).toBe('invalid_grant');
});

it('unknown models, other resources, other details, large requests and changes of grants are refused before a code is issued', async () => {
  const refused = [
    [{ scope: 'model:unheard-of' }, 'invalid_scope'],
    [{ resource: 'https://elsewhere.example' }, 'invalid_target'],
    [{ authorization_details: '[{"type":"other"}]' }, 'invalid_authorization_details'],
    [{ login_hint: 'x'.repeat(5_000) }, 'invalid_request'],
    // A grant can be changed in a browser only.
    [{ grant_management_action: 'update', grant_id: 'x' }, 'invalid_request'],
  ] as const;
  for (const [parameters, error] of refused) {
    const answer = await askForCodes(test.server, test.client, parameters);
    expect([answer.status, json(answer)['error']]).toEqual([400, error]);
  }
});

// The ids at the beginning of titles are rows of docs/security.md.
it('3.7: one network may begin 300 requests of terminals in ten minutes, over both replicas', async () => {
  const ask = async (replica: number, from = '198.51.100.77') =>
    postForm(
      `${test.server.urls[replica] ?? ''}/device_authorization`,
      { client_id: test.client.id, scope: 'cap:chat' },
      { host: new URL(test.server.issuer).host, 'x-forwarded-for': from },
    );
  for (let index = 0; index < 150; index += 1)
    for (const answer of await Promise.all([ask(0), ask(1)])) expect(answer.status).toBe(200);
  const refused = [await ask(0), await ask(1)];
  expect(refused.map(({ status }) => status)).toEqual([429, 429]);
  expect(Number(header(refused[0] ?? (await ask(0)), 'retry-after'))).toBeGreaterThan(0);
  expect((await ask(0, '198.51.100.78')).status).toBe(200);
});

it('no log line contains a code', async () => {
  const device = await test.begin();
  await test.connect(device);
  const lines = test.server.logLines.join('');
  for (const secret of [device.device_code, device.user_code, device.user_code.replace('-', '')])
    expect(lines).not.toContain(secret);
});

it('a client with redirect URIs and a secret may use the device flow too', async () => {
  const grants = { grant_types: ['authorization_code', 'refresh_token', deviceGrantType] };
  const both = await addClient(test.server, { metadata: grants });
  const device = await beginDevice(test.server, both);
  await decideDevice(test.owner.browser, device, 'allow');
  expect((await poll(test.server, both, device)).status).toBe(200);
  const wrong = await send(`${test.server.issuer}/device_authorization`, { method: 'POST' });
  expect(wrong.status).toBe(400);
  expect((await callEndpoint(`${test.server.issuer}/device_authorization`, { ...both, secret: 'no' }, {})).status).toBe(
    401,
  );
});
