import { deleteClient, disableAccount } from '@aipassport/store/authorization';
import { createTestDatabase, type TestDatabase } from '@aipassport/store/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readText } from './support/browser.js';
import { introspect, type TestClient, type Tokens } from './support/client.js';
import { json } from './support/http.js';
import { createOwner, type Owner } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import {
  addTerminal,
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

async function errorOf(device: DeviceAuthorization, replica = 0): Promise<unknown> {
  const answer = await pollFor(device, replica);
  return answer.status === 400 ? json(answer)['error'] : answer.status;
}

async function connectTerminal(device: DeviceAuthorization): Promise<Tokens> {
  await decideDevice(owner.browser, device, 'allow');
  const answer = await pollFor(device);
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.text}`);
  return json(answer) as unknown as Tokens;
}

/** Lets time pass for all device codes. */
async function pass(seconds: number): Promise<void> {
  await database.query(
    'update device_codes set expires_at = expires_at - make_interval(secs => $1), polled_at = polled_at - make_interval(secs => $2)',
    [seconds, seconds],
  );
  await database.query(
    "update artifacts set expires_at = expires_at - make_interval(secs => $1), payload = payload || jsonb_build_object('exp', (payload ->> 'exp')::integer - $2::integer) where model = 'DeviceCode'",
    [seconds, seconds],
  );
}

it('D2: a terminal that polls too fast is told to slow down, at both replicas together', async () => {
  const device = await beginDevice(server, client);
  expect([await errorOf(device, 0), await errorOf(device, 1)]).toEqual(['authorization_pending', 'slow_down']);
  await pass(5);
  expect(await errorOf(device, 0)).toBe('slow_down');
  await pass(15);
  expect(await errorOf(device, 1)).toBe('authorization_pending');
  await decideDevice(owner.browser, device, 'allow');
  expect(await errorOf(device, 0)).toBe(200);
});

it('D3: of 20 redemptions at once at two replicas exactly one gets tokens, and the grant stays', async () => {
  for (let round = 0; round < 3; round += 1) {
    const device = await beginDevice(server, client);
    await decideDevice(owner.browser, device, 'allow');
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => pollFor(device, index % 2)));
    const [winner, ...others] = answers.filter(({ status }) => status === 200);
    expect(others).toEqual([]);
    const refused = answers.filter(({ status }) => status !== 200).map((answer) => json(answer)['error']);
    expect(refused).toEqual(Array.from({ length: 19 }, () => 'invalid_grant'));
    const tokens = json(winner ?? (await pollFor(device)));
    expect(await introspect(server, String(tokens['access_token']))).toMatchObject({ active: true });
  }
});

it('D3: a device code that is used again later was stolen, and its grant ends', async () => {
  const device = await beginDevice(server, client);
  const tokens = await connectTerminal(device);
  await database.query(
    "update artifacts set consumed_at = consumed_at - interval '11 seconds' where model = 'DeviceCode'",
  );
  expect(await errorOf(device)).toBe('invalid_grant');
  expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
});

it('D3: an expired device code is told so, before and after a decision, and no decision is taken for it', async () => {
  const [undecided, allowed] = [await beginDevice(server, client), await beginDevice(server, client)];
  await decideDevice(owner.browser, allowed, 'allow');
  const page = await openConsent(owner.browser, undecided.user_code);
  await pass(601);
  expect([await errorOf(undecided), await errorOf(allowed)]).toEqual(['expired_token', 'expired_token']);
  const late = await owner.browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow' });
  expect([late.status, readText(late.text)]).toEqual([400, expect.stringContaining('Start again in your terminal')]);
  expect(await errorOf(undecided, 1)).toBe('expired_token');
});

it('D3: another client cannot poll with a device code, and does not disturb the terminal', async () => {
  const device = await beginDevice(server, client);
  const other = await addTerminal(server);
  for (let count = 0; count < 3; count += 1)
    expect(json(await poll(server, other, device))['error']).toBe('invalid_grant');
  expect(await errorOf(device)).toBe('authorization_pending');
  await decideDevice(owner.browser, device, 'allow');
  expect(json(await poll(server, other, device))['error']).toBe('invalid_grant');
  expect(await errorOf(device)).toBe(200);
});

it('D3: a terminal whose owner denies is told so each time, and the request has no grant', async () => {
  const device = await beginDevice(server, client);
  const after = await decideDevice(owner.browser, device, 'deny');
  expect(readText(after.text)).toContain('You denied the request. Test Terminal has no access to your AI.');
  expect([await errorOf(device), await errorOf(device, 1)]).toEqual(['access_denied', 'access_denied']);
});

it('D3: a deleted client, a disabled account and a revoked grant end an allowed device code', async () => {
  const gone = await addTerminal(server);
  const ofGone = await beginDevice(server, gone);
  await decideDevice(owner.browser, ofGone, 'allow');
  await deleteClient(server.db, gone.id);
  expect(json(await poll(server, gone, ofGone))['error']).toBe('invalid_client');

  const disabled = await createOwner(server);
  const ofDisabled = await beginDevice(server, client);
  await decideDevice(disabled.browser, ofDisabled, 'allow');
  await disableAccount(server.db, disabled.accountId);
  expect(await errorOf(ofDisabled)).toBe('invalid_grant');

  const revoked = await beginDevice(server, client);
  const after = await decideDevice(owner.browser, revoked, 'allow');
  const [, grantPath = ''] = /href="(\/account\/grants\/[\w-]+)"/.exec(after.text) ?? [];
  await owner.browser.submit(await owner.browser.open(grantPath), `${grantPath}/revoke`);
  expect(await errorOf(revoked)).toBe('invalid_grant');
});

it('D3: an allowed request whose terminal never comes back leaves no grant', async () => {
  const device = await beginDevice(server, client);
  await decideDevice(owner.browser, device, 'allow');
  const { grant_id: grantId } = await server.db
    .selectFrom('unredeemed_grants')
    .select('grant_id')
    .orderBy('created_at', 'desc')
    .executeTakeFirstOrThrow();
  const clean = async () => {
    await database.query("update unredeemed_grants set created_at = now() - interval '1 hour' where grant_id = $1", [
      grantId,
    ]);
    await database.query('delete from maintenance');
    await database.query("select delete_expired('unredeemed_grants', 'test')");
    return (await server.db.selectFrom('grants').select('id').where('id', '=', grantId).execute()).length;
  };
  expect(await clean()).toBe(1);
  await database.query('delete from artifacts where grant_id = $1', [grantId]);
  expect(await clean()).toBe(0);
});
