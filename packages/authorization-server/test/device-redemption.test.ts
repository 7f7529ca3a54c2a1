import { deleteClient, disableAccount } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readText } from './support/browser.js';
import { introspect } from './support/client.js';
import { type DeviceTest, openDeviceTest } from './support/device-test.js';
import { json } from './support/http.js';
import { createOwner } from './support/owner.js';
import { addTerminal, beginDevice, decideDevice, openConsent, poll } from './support/terminal.js';

let test: DeviceTest;
beforeAll(async () => {
  test = await openDeviceTest();
});
afterAll(() => test.close());

/** Lets time pass for all device codes. */
async function pass(seconds: number): Promise<void> {
  await test.database.query(
    'update device_codes set expires_at = expires_at - make_interval(secs => $1), polled_at = polled_at - make_interval(secs => $2)',
    [seconds, seconds],
  );
  await test.database.query(
    "update artifacts set expires_at = expires_at - make_interval(secs => $1), payload = payload || jsonb_build_object('exp', (payload ->> 'exp')::integer - $2::integer) where model = 'DeviceCode'",
    [seconds, seconds],
  );
}

// The ids at the beginning of titles are rows of docs/security.md.
it('D2: a terminal that polls too fast gets slow_down, even if it polls two replicas in turn', async () => {
  const device = await test.begin();
  expect([await test.pollError(device, 0), await test.pollError(device, 1)]).toEqual([
    'authorization_pending',
    'slow_down',
  ]);
  await pass(5);
  expect(await test.pollError(device, 0)).toBe('slow_down');
  await pass(15);
  expect(await test.pollError(device, 1)).toBe('authorization_pending');
  await decideDevice(test.owner.browser, device, 'allow');
  expect(await test.pollError(device, 0)).toBe(200);
});

it('D3: of 20 simultaneous redemptions at two replicas, exactly one gets tokens, and the grant stays', async () => {
  for (let round = 0; round < 3; round += 1) {
    const device = await test.begin();
    await decideDevice(test.owner.browser, device, 'allow');
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => test.poll(device, index % 2)));
    const [winner, ...others] = answers.filter(({ status }) => status === 200);
    expect(others).toEqual([]);
    const refused = answers.filter(({ status }) => status !== 200).map((answer) => json(answer)['error']);
    expect(refused).toEqual(Array.from({ length: 19 }, () => 'invalid_grant'));
    const tokens = json(winner ?? (await test.poll(device)));
    expect(await introspect(test.server, String(tokens['access_token']))).toMatchObject({ active: true });
  }
});

it('D3: if a device code is used again later, its grant ends, because the code may have been stolen', async () => {
  const device = await test.begin();
  const tokens = await test.connect(device);
  await test.database.query(
    "update artifacts set consumed_at = consumed_at - interval '11 seconds' where model = 'DeviceCode'",
  );
  expect(await test.pollError(device)).toBe('invalid_grant');
  expect(await introspect(test.server, tokens.access_token)).toEqual({ active: false });
});

it('D3: a poll with an expired device code gets expired_token, before and after a decision, and the code accepts no decision', async () => {
  const [undecided, allowed] = [await test.begin(), await test.begin()];
  await decideDevice(test.owner.browser, allowed, 'allow');
  const page = await openConsent(test.owner.browser, undecided.user_code);
  await pass(601);
  expect([await test.pollError(undecided), await test.pollError(allowed)]).toEqual(['expired_token', 'expired_token']);
  const late = await test.owner.browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow' });
  expect([late.status, readText(late.text)]).toEqual([400, expect.stringContaining('Start again in your terminal')]);
  expect(await test.pollError(undecided, 1)).toBe('expired_token');
});

it('D3: another client cannot poll with a device code, and does not disturb the terminal', async () => {
  const device = await test.begin();
  const other = await addTerminal(test.server);
  for (let count = 0; count < 3; count += 1)
    expect(json(await poll(test.server, other, device))['error']).toBe('invalid_grant');
  expect(await test.pollError(device)).toBe('authorization_pending');
  await decideDevice(test.owner.browser, device, 'allow');
  expect(json(await poll(test.server, other, device))['error']).toBe('invalid_grant');
  expect(await test.pollError(device)).toBe(200);
});

it('D3: after the owner has denied, each poll gets access_denied, and the page says that the terminal has no access', async () => {
  const device = await test.begin();
  const after = await decideDevice(test.owner.browser, device, 'deny');
  expect(readText(after.text)).toContain(
    'Connection canceled. Test Terminal (in a terminal, verified) has no access to your AI.',
  );
  expect([await test.pollError(device), await test.pollError(device, 1)]).toEqual(['access_denied', 'access_denied']);
});

it('D3: a deleted client, a disabled account and a revoked grant end an allowed device code', async () => {
  const gone = await addTerminal(test.server);
  const ofGone = await beginDevice(test.server, gone);
  await decideDevice(test.owner.browser, ofGone, 'allow');
  await deleteClient(test.server.db, gone.id);
  expect(json(await poll(test.server, gone, ofGone))['error']).toBe('invalid_client');

  const disabled = await createOwner(test.server);
  const ofDisabled = await test.begin();
  await decideDevice(disabled.browser, ofDisabled, 'allow');
  await disableAccount(test.server.db, disabled.accountId);
  expect(await test.pollError(ofDisabled)).toBe('invalid_grant');

  const revoked = await test.begin();
  const after = await decideDevice(test.owner.browser, revoked, 'allow');
  const [, grantPath = ''] = /href="(\/account\/grants\/[\w-]+)"/.exec(after.text) ?? [];
  await test.owner.browser.submit(await test.owner.browser.open(grantPath), `${grantPath}/revoke`);
  expect(await test.pollError(revoked)).toBe('invalid_grant');
});

it('D3: an allowed request whose terminal never redeems the device code leaves no grant', async () => {
  const device = await test.begin();
  await decideDevice(test.owner.browser, device, 'allow');
  const { grant_id: grantId } = await test.server.db
    .selectFrom('unredeemed_grants')
    .select('grant_id')
    .orderBy('created_at', 'desc')
    .executeTakeFirstOrThrow();
  const clean = async () => {
    await test.database.query(
      "update unredeemed_grants set created_at = now() - interval '1 hour' where grant_id = $1",
      [grantId],
    );
    await test.database.query('delete from maintenance');
    await test.database.query("select delete_expired('unredeemed_grants', 'test')");
    return (await test.server.db.selectFrom('grants').select('id').where('id', '=', grantId).execute()).length;
  };
  expect(await clean()).toBe(1);
  await test.database.query('delete from artifacts where grant_id = $1', [grantId]);
  expect(await clean()).toBe(0);
});
