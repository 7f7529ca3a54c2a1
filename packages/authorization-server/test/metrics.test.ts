import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser } from './support/browser.js';
import { addClient, redeem, refresh } from './support/client.js';
import { postForm, send } from './support/http.js';
import { createOwner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ configuration: { metrics: { host: '127.0.0.1', port: 0 } } });
});
afterAll(() => server.close());

const readMetrics = async () => (await fetch(`http://127.0.0.1:${server.metricsPorts[0]}/metrics`)).text();

/** The series and their values; the name of a series contains its labels. */
async function readSeries(): Promise<ReadonlyMap<string, number>> {
  const lines = (await readMetrics()).split('\n').filter((line) => line.startsWith('aipassport_'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

const signIns = 'aipassport_sign_ins_total{by="password"}';
const failures = 'aipassport_sign_in_failures_total{by="password"}';

it('counts requests by endpoint and status, and their durations', async () => {
  const count = 'aipassport_authorization_requests_total{endpoint="/jwks",status="2xx"}';
  const duration = 'aipassport_authorization_request_seconds_count{answers="json"}';
  const before = await readSeries();
  expect((await send(`${server.issuer}/jwks`)).status).toBe(200);
  const after = await readSeries();
  expect((after.get(count) ?? 0) - (before.get(count) ?? 0)).toBe(1);
  expect((after.get(duration) ?? 0) - (before.get(duration) ?? 0)).toBe(1);
  expect(after.get('aipassport_ready')).toBe(1);
});

it('counts sign-ins and refused sign-ins; the metric of refused sign-ins exists from the start, with the value 0', async () => {
  const { email } = await createOwner(server);
  const before = await readSeries();
  for (const by of ['password', 'code', 'passkey', 'identity_provider'])
    expect(before.get(`aipassport_sign_in_failures_total{by="${by}"}`)).toBeGreaterThanOrEqual(0);
  await signIn(new Browser(server.issuer), email, 'a wrong password of somebody');
  await signIn(new Browser(server.issuer), 'unknown@example.org', password);
  await signIn(new Browser(server.issuer), email);
  const after = await readSeries();
  expect((after.get(failures) ?? 0) - (before.get(failures) ?? 0)).toBe(2);
  expect((after.get(signIns) ?? 0) - (before.get(signIns) ?? 0)).toBe(1);
});

it('counts the server’s own refusals and those of the OAuth engine, by their reasons', async () => {
  const client = await addClient(server);
  await redeem(server, client, { code: 'unknown', codeVerifier: 'x'.repeat(43) });
  await send(`${server.issuer}/no-such-page`);
  const series = await readSeries();
  expect(series.get('aipassport_authorization_refusals_total{reason="invalid_grant"}')).toBeGreaterThan(0);
  expect(series.get('aipassport_authorization_refusals_total{reason="path_unknown"}')).toBeGreaterThan(0);
  expect(series.get('aipassport_authorization_refusals_total{reason="unexpected_error"}')).toBe(0);
});

it('no request can add a series, or text from the request, to the metrics', async () => {
  const client = await addClient(server);
  const attack = async (mark: string) => {
    await send(`${server.issuer}/${mark}`);
    await send(`${server.issuer}/interaction/${mark}`);
    await send(`${server.issuer}/account/grants/${mark}`);
    await send(`${server.issuer}/authorize?client_id=${mark}&scope=${mark}&response_type=${mark}`);
    await send(`${server.issuer}/authorize?client_id=${client.id}&redirect_uri=https://${mark}.example&prompt=${mark}`);
    await send(`${server.issuer}/token?${mark}=${mark}`, { method: 'POST', headers: { 'x-request-id': mark } });
    await postForm(`${server.issuer}/token`, { grant_type: mark, client_id: mark });
    await postForm(`${server.issuer}/token`, { grant_type: 'refresh_token', refresh_token: mark, client_id: mark });
    await refresh(server, client, mark);
    await send(`${server.issuer}/api/account`, { headers: { authorization: `Bearer ${mark}` } });
    await send(`${server.issuer}/jwks`, { method: 'DELETE', headers: { 'user-agent': mark } });
    await send(`${server.issuer}/jwks`, { headers: { host: `${mark}.example` } });
    await signIn(new Browser(server.issuer), `${mark}@example.org`, mark);
    const registration = JSON.stringify({ client_name: mark, redirect_uris: [`https://${mark}.example`], scope: mark });
    const headers = { 'content-type': 'application/json' };
    await send(`${server.issuer}/register`, { method: 'POST', headers, body: registration });
  };
  await attack(`mark-${randomUUID()}`);
  const before = [...(await readSeries()).keys()].sort();
  for (let n = 0; n < 3; n += 1) await attack(`mark-${n}-${randomUUID()}`);
  expect([...(await readSeries()).keys()].sort()).toEqual(before);
  const text = await readMetrics();
  for (const word of ['mark-', client.id, 'example.org']) expect(text).not.toContain(word);
});

it('does not serve the metrics on the port of the server', async () => {
  expect((await send(`${server.issuer}/metrics`)).status).toBe(404);
});
