import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeDevice } from '../src/account/describe-device.js';
import { Browser, type Page, readForm, readText } from './support/browser.js';
import { withoutOrigin } from './support/events.js';
import { encodeForm, send } from './support/http.js';
import { createOwner, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';

let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer({ replicas: 2 });
});
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createOwner(server);
});

const path = '/account/sessions';
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0';
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

async function signInWith(userAgent: string): Promise<Browser> {
  const browser = new Browser(server.issuer);
  const page = await browser.open('/account/sign-in');
  const body = encodeForm({ ...readForm(page.text, '/account/sign-in'), email: owner.email, password });
  await browser.request('/account/sign-in', { method: 'POST', body, headers: { 'user-agent': userAgent } });
  return browser;
}

const items = ({ text }: Page) => [...text.matchAll(/<li>[\s\S]*?<\/li>/g)].map(([item]) => readText(item).trim());
const actions = ({ text }: Page) =>
  [...text.matchAll(/action="(\/account\/sessions\/\w+\/end)"/g)].map((m) => m[1] ?? '');

/** The status of a page that requires a sign-in, at each replica. */
async function openEverywhere(browser: Browser) {
  const headers = { cookie: browser.cookieHeader(new URL(server.issuer)), host: new URL(server.issuer).host };
  const answers = server.urls.map((url) => send(`${url}/account/apps`, { headers }));
  return (await Promise.all(answers)).map(({ status }) => status);
}

const stored = () =>
  server.db.selectFrom('owner_sessions').selectAll().where('account_id', '=', owner.accountId).execute();

it('the page lists each device by browser and system, this device first; no User-Agent is stored and no session identifier is shown', async () => {
  await signInWith(firefox);
  await signInWith(safari);
  const page = await owner.browser.open(path);
  expect(items(page)).toEqual([
    expect.stringMatching(/^Unknown device This device · Signed in (now|\d+ minutes? ago)$/),
    expect.stringMatching(/^Safari on iOS Signed in .+ · Last used .+ Sign out$/),
    expect.stringMatching(/^Firefox on Linux Signed in .+ · Last used .+ Sign out$/),
  ]);
  const rows = await stored();
  expect(JSON.stringify(rows)).not.toMatch(/Mozilla|Gecko|x86_64|131/);
  for (const { id_hash } of rows) expect(page.text).not.toContain(id_hash);
});

// The ids at the beginning of titles are rows of docs/security.md.
it('L5: signing out one device or all others takes effect at both replicas at once, and this device stays signed in', async () => {
  const [laptop, phone] = [await signInWith(firefox), await signInWith(safari)];
  const page = await owner.browser.open(path);
  const [first = ''] = actions(page);
  const one = await owner.browser.submit(page, first);
  expect(readText(one.text)).toContain('Signed out on that device.');
  expect([await openEverywhere(phone), await openEverywhere(laptop)]).toEqual([
    [303, 303],
    [200, 200],
  ]);
  const again = await owner.browser.submit(page, first);
  expect(readText(again.text)).toContain('That device was already signed out.');
  const others = await owner.browser.submit(again, `${path}/end-others`);
  expect(readText(others.text)).toContain('Signed out on all other devices.');
  expect([await openEverywhere(laptop), await openEverywhere(owner.browser)]).toEqual([
    [303, 303],
    [200, 200],
  ]);
  const events = await server.db
    .selectFrom('audit_events')
    .select(['event', 'detail'])
    .where('account_id', '=', owner.accountId)
    .where('event', '=', 'sessions_ended')
    .execute();
  expect(events.map(({ event, detail }) => ({ event, detail: withoutOrigin(detail) }))).toEqual([
    { event: 'sessions_ended', detail: { count: 1 } },
    { event: 'sessions_ended', detail: { count: 1 } },
  ]);
});

it('signing out a device requires this page’s form token, and does not end a session of another account', async () => {
  const thief = await createOwner(server);
  await signInWith(firefox);
  const [action = ''] = actions(await owner.browser.open(path));
  const theirs = await thief.browser.open(path);
  const csrf_token = String(readForm(theirs.text, '/account/sign-out')['csrf_token']);
  const post = (body: string) => thief.browser.request(action, { method: 'POST', body });
  expect((await post(encodeForm({ csrf_token }))).status).toBe(403);
  await signInElsewhere(thief.email);
  const own = await thief.browser.open(path);
  const token = String(readForm(own.text, `${path}/end-others`)['csrf_token']);
  expect((await post(encodeForm({ csrf_token: token }))).status).toBe(303);
  expect((await stored()).length).toBe(2);
});

async function signInElsewhere(email: string): Promise<void> {
  const browser = new Browser(server.issuer);
  await browser.submit(await browser.open('/account/sign-in'), '/account/sign-in', { email, password });
}

it('the time at which a session was last seen is written at most every five minutes, and is replaced if it is in the future', async () => {
  const seenAt = async () => (await stored())[0]?.last_seen_at.getTime() ?? 0;
  const setSeen = (minutes: number) =>
    server.db
      .updateTable('owner_sessions')
      .set({ last_seen_at: new Date(Date.now() + minutes * 60_000) })
      .where('account_id', '=', owner.accountId)
      .execute();
  for (const [minutes, isWritten] of [
    [-4, false],
    [-6, true],
    [60, true],
  ] as const) {
    await setSeen(minutes);
    const before = await seenAt();
    await owner.browser.open(path);
    expect([minutes, (await seenAt()) !== before]).toEqual([minutes, isWritten]);
  }
});

it('names browsers and systems from a fixed list only', () => {
  expect(describeDevice(firefox)).toEqual({ browser: 'Firefox', system: 'Linux' });
  expect(describeDevice(safari)).toEqual({ browser: 'Safari', system: 'iOS' });
  const nothing = { browser: undefined, system: undefined };
  for (const hostile of ['', '<script>/1 (x)', 'My name is Ada/1.0 hello', `Firefox/1 ${'x'.repeat(600)}`])
    expect([hostile, describeDevice(hostile)]).toEqual([hostile, nothing]);
});
