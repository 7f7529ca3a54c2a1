import { deleteClient } from '@aipassport/store/authorization';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, readForm, readText } from './support/browser.js';
import { introspect } from './support/client.js';
import { type DeviceTest, openDeviceTest } from './support/device-test.js';
import { encodeForm, type FormFields, header, json } from './support/http.js';
import { createOwner, noSpendingLimit, password } from './support/owner.js';
import { addTerminal, beginDevice, decideDevice, openConsent, poll } from './support/terminal.js';

let test: DeviceTest;
beforeAll(async () => {
  test = await openDeviceTest();
});
afterAll(() => test.close());

// The ids at the beginning of titles are rows of docs/security.md.
it('D4: a URL that contains the code only fills in the code; signing in leads back to that URL, and a grant requires a click', async () => {
  const device = await test.begin();
  const stranger = new Browser(test.server.issuer);
  const signIn = await stranger.open(device.verification_uri_complete);
  expect(signIn.url.pathname).toBe('/account/sign-in');
  const form = await stranger.submit(signIn, '/account/sign-in', { email: test.owner.email, password });
  expect(`${form.url.pathname}${form.url.search}`).toBe(`/device?user_code=${device.user_code}`);
  expect(readForm(form.text, '/device')['user_code']).toBe(device.user_code);
  expect(readText(form.text)).toContain('Continue only if you started this in your own terminal');
  const consent = await stranger.submit(form, '/device');
  expect(consent.status).toBe(200);
  expect(await test.pollError(device)).toBe('authorization_pending');
  const text = readText(consent.text);
  expect(text).toContain('Test Terminal wants to use your AI account');
  expect(text).toContain(`It runs in the terminal that shows the code ${device.user_code}`);
  expect(text).toContain('Continue only if you started this in your own terminal and it shows this code.');
  expect(text).toContain('GPT-4o');
});

it('D4: text in the URL that is not a code is not shown', async () => {
  const page = await test.owner.browser.open('/device?user_code=%3Cscript%3E-not-a-code');
  expect([page.status, readForm(page.text, '/device')['user_code']]).toEqual([200, '']);
});

it('D4: a link from another person cannot make an owner skip the page for the code', async () => {
  const attacker = await createOwner(test.server);
  const device = await test.begin();
  const { url } = await openConsent(attacker.browser, device.user_code);
  const led = await test.owner.browser.open(url);
  expect(`${led.url.pathname}${led.url.search}`).toBe(`/device?user_code=${device.user_code}`);
  const [, segment = ''] = /\/device\/(.+)$/.exec(url.pathname) ?? [];
  for (const other of [`${segment.slice(0, -1)}x`, `BBBBBBBB${segment.slice(8)}`, 'BBBBBBBB', 'x'.repeat(31)])
    expect((await attacker.browser.open(`/device/${other}`)).url.pathname).toBe('/device');
  const posted = await test.owner.browser.request(`${url.pathname}/consent`, {
    method: 'POST',
    body: encodeForm({ csrf_token: 'x'.repeat(43), decision: 'allow' }),
  });
  expect([posted.status, header(posted, 'location')]).toEqual([303, `/device?user_code=${device.user_code}`]);
  expect(await test.pollError(device)).toBe('authorization_pending');
});

it('D4: a form of another site can neither enter a code nor decide', async () => {
  const device = await test.begin();
  const page = await openConsent(test.owner.browser, device.user_code);
  const forged = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
  const consent = `${page.url.pathname}/consent`;
  for (const [path, fields] of [
    ['/device', { user_code: device.user_code, csrf_token: 'x'.repeat(43) }],
    [consent, { ...readForm(page.text, consent), decision: 'allow' }],
  ] as const) {
    const answer = await test.owner.browser.request(path, {
      method: 'POST',
      body: encodeForm(fields),
      headers: forged,
    });
    expect([path, answer.status]).toEqual([path, 403]);
  }
  expect(await test.pollError(device)).toBe('authorization_pending');
});

it('C9: pressing Allow at two replicas at once makes one grant, and of two different decisions the first counts', async () => {
  const device = await test.begin();
  const page = await openConsent(test.owner.browser, device.user_code);
  const action = `${page.url.pathname}/consent`;
  const press = async (replica: number, decision: string) => {
    const body = encodeForm({ ...readForm(page.text, action), decision });
    const url = `${test.server.urls[replica] ?? ''}${action}`;
    return (await test.owner.browser.request(url, { method: 'POST', body, headers: { host: page.url.host } })).status;
  };
  const before = await countGrants();
  const statuses = await Promise.all([0, 1, 0, 1, 0, 1].map((replica) => press(replica, 'allow')));
  expect(new Set(statuses)).toEqual(new Set([303]));
  expect(await press(0, 'deny')).toBe(303);
  expect(await countGrants()).toBe(before + 1);
  expect(await test.pollError(device)).toBe(200);
});

async function countGrants(): Promise<number> {
  const rows = await test.server.db
    .selectFrom('grants')
    .select('id')
    .where('account_id', '=', test.owner.accountId)
    .execute();
  return rows.length;
}

it('C5: a choice that cannot be granted is shown again with its problem, and a choice without a spending limit requires the password', async () => {
  const device = await test.begin();
  const nothing = await decideDevice(test.owner.browser, device, 'allow', { scope: ['model:gpt-4o'] });
  expect([nothing.status, readText(nothing.text)]).toEqual([
    422,
    expect.stringContaining('Select at least one permission'),
  ]);
  expect(readText(nothing.text)).toContain(device.user_code);
  await test.database.query("update owner_sessions set authenticated_at = now() - interval '6 minutes'");
  const unlimited = await decideDevice(test.owner.browser, device, 'allow', noSpendingLimit);
  expect([unlimited.status, readText(unlimited.text)]).toEqual([422, expect.stringContaining('Confirm it’s you')]);
  const action = `${unlimited.url.pathname}`;
  const allowed = await test.owner.browser.submit(unlimited, action, { decision: 'allow', password });
  expect([allowed.status, readText(allowed.text)]).toEqual([200, expect.stringContaining('return to your terminal')]);
  expect(await test.pollError(device)).toBe(200);
});

it('a client that cannot be found has no consent page', async () => {
  const gone = await addTerminal(test.server);
  const device = await beginDevice(test.server, gone);
  await deleteClient(test.server.db, gone.id);
  expect((await openConsent(test.owner.browser, device.user_code)).status).toBe(400);
});

it('a second terminal with the same client id gets access in addition to the first one, and the page says what replacing would end', async () => {
  const { server } = test;
  const owner = await createOwner(server);
  const client = await addTerminal(server);
  const connectTerminal = async (fields: FormFields = {}) => {
    const device = await beginDevice(server, client);
    const page = await openConsent(owner.browser, device.user_code);
    const action = `${page.url.pathname}/consent`;
    await owner.browser.submit(page, action, { decision: 'allow', ...fields });
    return { page, action, tokens: json(await poll(server, client, device)) };
  };
  const isActive = async ({ access_token: token }: Readonly<Record<string, unknown>>) =>
    (await introspect(server, String(token)))['active'];
  const { tokens: first } = await connectTerminal();
  const { page, action, tokens: second } = await connectTerminal();
  expect(readForm(page.text, action)['existing_access']).toBe('add');
  expect(readText(page.text)).toContain('Replacing also ends this app’s access on your other devices.');
  expect([await isActive(first), await isActive(second)]).toEqual([true, true]);
  const { tokens: third } = await connectTerminal({ existing_access: 'replace' });
  expect([await isActive(first), await isActive(second), await isActive(third)]).toEqual([false, false, true]);
});

it('if the app got access after a terminal’s consent page was shown, Allow shows the page again and the code stays undecided', async () => {
  const { server } = test;
  const owner = await createOwner(server);
  const client = await addTerminal(server);
  const devices = [await beginDevice(server, client), await beginDevice(server, client)] as const;
  const page = await openConsent(owner.browser, devices[0].user_code);
  await decideDevice(owner.browser, devices[1], 'allow');
  expect((await poll(server, client, devices[1])).status).toBe(200);
  const shown = await owner.browser.submit(page, `${page.url.pathname}/consent`, { decision: 'allow' });
  expect([shown.status, readText(shown.text)]).toEqual([
    422,
    expect.stringContaining('The app got access in the meantime.'),
  ]);
  await owner.browser.submit(shown, `${page.url.pathname}/consent`, { decision: 'allow' });
  expect((await poll(server, client, devices[0])).status).toBe(200);
});
