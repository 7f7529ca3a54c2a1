import type { Database } from '@aipassport/store';
import {
  findAccount,
  findAccountLimit,
  findConsentDefaults,
  findLanguage,
  lockAccount,
  updateConsentDefaults,
  updateLanguage,
  updateTimeZone,
} from '@aipassport/store/authorization';
import { waitForLocks, waitPastMidnight } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { findPage } from '../src/account/return-to.js';
import { callApi, makeToken } from './support/account-api.js';
import { type Page, readForm, readText } from './support/browser.js';
import { addClient, connect } from './support/client.js';
import { countEvents, listEvents } from './support/events.js';
import type { FormFields } from './support/http.js';
import { createOwner, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { useGrant } from './support/use-grant.js';

let server: TestServer;
let owner: Owner;
beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(waitPastMidnight);
afterAll(() => server.close());
beforeEach(async () => {
  owner = await createOwner(server);
});

const path = '/account/settings';

async function post(form: 'limit' | 'defaults' | 'time-zone' | 'language', fields: FormFields) {
  return owner.browser.submit(await owner.browser.open(path), `${path}/${form}`, fields);
}

const setLimit = (text: string) =>
  post('limit', { max_cost_usd_per_month: text, ...(text === '' && { accept_no_limit: 'yes' }) });
const limitNow = async () => (await findAccountLimit(server.db, owner.accountId))?.maxCostPerMonth;

async function whenSignedInLongAgo<T>(act: () => Promise<T>): Promise<T> {
  server.advanceClock(6 * 60);
  try {
    return await act();
  } finally {
    server.advanceClock(-6 * 60);
  }
}

it('a limit on the monthly cost of all apps applies from the next request on, and includes what was already spent', async () => {
  const client = await addClient(server);
  await connect(server, owner.browser, client);
  await connect(server, owner.browser, client);
  const [one, two] = await server.db
    .selectFrom('grants')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .execute();
  if (one === undefined || two === undefined) throw new Error('there are fewer than two grants');
  await useGrant(server, one, { estimate: 100_000_000n, cost: 60_000_000n });
  const done = await setLimit('0.10');
  expect(readText(done.text)).toContain('Saved. The new limit applies');
  expect(readText(done.text)).toContain('This month: $0.06 of $0.10 used');
  expect(await useGrant(server, two, { estimate: 40_000_000n, cost: 40_000_000n })).toBe('admitted');
  expect(await useGrant(server, one)).toBe('account_budget_exhausted');
  await setLimit('');
  expect(await useGrant(server, one)).toBe('admitted');
  expect(readText((await owner.browser.open(path)).text)).not.toContain('of $0.10 used');
});

// The ids at the beginning of titles are rows of docs/security.md.
it('L7: setting and lowering the limit takes effect at once; raising and lifting it require a recent sign-in or the password', async () => {
  await whenSignedInLongAgo(async () => {
    await setLimit('20');
    await setLimit('10');
    expect(await limitNow()).toBe(10_000_000_000n);
    for (const raised of ['10.01', '']) {
      const asked = await setLimit(raised);
      expect(asked.status).toBe(422);
      expect(readText(asked.text)).toContain('Confirm it’s you to raise or remove the limit.');
      const form = `${path}/limit`;
      expect(readForm(asked.text, form)).toMatchObject({ max_cost_usd_per_month: raised, password: '' });
      const wrong = await owner.browser.submit(asked, form, { password: 'not the password at all' });
      expect([wrong.status, readForm(wrong.text, form)['max_cost_usd_per_month']]).toEqual([422, raised]);
      expect(await limitNow()).toBe(10_000_000_000n);
    }
    await owner.browser.submit(await setLimit('10.01'), `${path}/limit`, { password });
    expect(await limitNow()).toBe(10_010_000_000n);
  });
  await setLimit('');
  expect(await limitNow()).toBeUndefined();
  // G2: only the four acts that changed the limit are recorded
  expect(countEvents(await listEvents(server, owner), 'account_limit_changed')).toBe(4);
});

it('the question for the password is not shown as an error, and a second press of the button is answered like the first', async () => {
  await setLimit('10');
  await whenSignedInLongAgo(async () => {
    const asked = await setLimit('20');
    const text = readText(asked.text);
    expect([text.includes('One more step'), text.includes('Please fix the following')]).toEqual([true, false]);
    expect(asked.text).toContain('<title>Settings · AIPassport</title>');
    expect(asked.text).not.toContain('aria-invalid');
    const wrong = await owner.browser.submit(asked, `${path}/limit`, { password: 'not the password at all' });
    expect(readText(wrong.text)).toContain('Please fix the following');
    for (const _press of ['first', 'second']) {
      const done = await owner.browser.submit(asked, `${path}/limit`, { password });
      expect([done.status, readText(done.text)]).toEqual([
        200,
        expect.stringContaining('Saved. The new limit applies'),
      ]);
    }
    expect(await limitNow()).toBe(20_000_000_000n);
  });
});

it('removing the limit requires the owner to accept that there is none, even if the password is right', async () => {
  await setLimit('10');
  const form = `${path}/limit`;
  const removal = { max_cost_usd_per_month: '' };
  const refused = await post('limit', removal);
  expect(refused.status).toBe(422);
  expect(readText(refused.text)).toContain('Confirm that there is no limit, or choose an amount.');
  expect(readText(refused.text)).toContain('only the limits of each app apply');
  await whenSignedInLongAgo(async () => {
    const untold = await owner.browser.submit(await owner.browser.open(path), form, { ...removal, password });
    expect([untold.status, await limitNow()]).toEqual([422, 10_000_000_000n]);
    const asked = await post('limit', { ...removal, accept_no_limit: 'yes' });
    expect([asked.status, readForm(asked.text, form)]).toEqual([
      422,
      expect.objectContaining({ accept_no_limit: ['yes'] }),
    ]);
    await owner.browser.submit(asked, form, { password });
  });
  expect(await limitNow()).toBeUndefined();
  // Nothing is removed, so there is nothing to accept.
  expect((await post('limit', removal)).status).toBe(200);
});

it('refuses an invalid amount, and keeps what was typed', async () => {
  for (const text of ['10,500', 'ten', '0', '-1', '1000001']) {
    const page = await setLimit(text);
    expect([text, page.status]).toEqual([text, 422]);
    expect(readText(page.text)).toContain('Monthly spending limit: Enter an amount in US dollars');
    expect(page.text).toContain(`value="${text}"`);
  }
  expect(await limitNow()).toBeUndefined();
});

const setDefaults = (max_cost_usd: string, lifetime_seconds: string) =>
  post('defaults', { max_cost_usd, lifetime_seconds });
/** The two values that the form for the defaults shows. */
function readDefaults(page: Page): readonly unknown[] {
  const amount = readForm(page.text, `${path}/defaults`)['max_cost_usd'];
  return [amount, readSelected(page, 'lifetime_seconds')];
}

const readSelect = (page: Page, name: string) =>
  page.text.split(`<select id="${name}"`)[1]?.split('</select>')[0] ?? '';
const readSelected = (page: Page, name: string) =>
  (/<option(?: value="([^"]*)"| value)[^>]* selected/.exec(readSelect(page, name)) ?? [])[1] ?? '';
const defaultsNow = () => findConsentDefaults(server.db, owner.accountId);

it('an owner sees, sets and clears what is filled in when an app asks for access', async () => {
  expect(readDefaults(await owner.browser.open(path))).toEqual(['', '']);
  const saved = await setDefaults('1,50', '604800');
  expect(readText(saved.text)).toContain('Saved. The next app that asks for access gets these values filled in.');
  expect(readDefaults(saved)).toEqual(['1.50', '604800']);
  expect(await defaultsNow()).toEqual({ maxCost: 1_500_000_000n, lifetimeSeconds: 604_800 });
  await setDefaults('1.50', '');
  expect(await defaultsNow()).toEqual({ maxCost: 1_500_000_000n, lifetimeSeconds: undefined });
  expect(readText((await setDefaults('', '')).text)).toContain('Cleared. The usual values are filled in again.');
  expect(await defaultsNow()).toEqual({ maxCost: undefined, lifetimeSeconds: undefined });
});

it('L7: lowering a default needs no recent sign-in; raising one, or clearing it so that more is filled in, requires one', async () => {
  await whenSignedInLongAgo(async () => {
    await setDefaults('2', '604800');
    expect(await defaultsNow()).toEqual({ maxCost: 2_000_000_000n, lifetimeSeconds: 604_800 });
    for (const [amount, lifetime] of [
      ['2.01', '604800'],
      ['2', '2592000'],
      ['', '604800'],
      ['2', ''],
    ] as const) {
      const asked = await setDefaults(amount, lifetime);
      expect([asked.status, readText(asked.text)]).toEqual([
        422,
        expect.stringContaining('Confirm it’s you to raise a'),
      ]);
      expect(readForm(asked.text, `${path}/defaults`)).toMatchObject({ max_cost_usd: amount, password: '' });
      expect(readSelected(asked, 'lifetime_seconds')).toBe(lifetime);
    }
    expect(await defaultsNow()).toEqual({ maxCost: 2_000_000_000n, lifetimeSeconds: 604_800 });
    const asked = await setDefaults('100', '604800');
    await owner.browser.submit(asked, `${path}/defaults`, { lifetime_seconds: '604800', password });
    expect(await defaultsNow()).toEqual({ maxCost: 100_000_000_000n, lifetimeSeconds: 604_800 });
  });
});

it('shows a lifetime that was remembered from a consent, even one that is not among the usual ones', async () => {
  await updateConsentDefaults(server.db, owner.accountId, { maxCost: 250_000_000n, lifetimeSeconds: 7_200 });
  expect(readDefaults(await owner.browser.open(path))).toEqual(['0.25', '7200']);
});

it.each([
  ['an amount of zero', '0', '', 'Total spending limit: Enter an amount in US dollars'],
  ['a word', 'ten', '', 'Total spending limit: Enter an amount in US dollars'],
  ['too much', '1000001', '', 'Total spending limit: Enter an amount in US dollars'],
  ['a second', '1', '1', 'Choose a length of time from the list.'],
  ['more than a year', '1', '31536001', 'Choose a length of time from the list.'],
])('refuses %s as a default, and keeps what was typed', async (_name, amount, lifetime, problem) => {
  const page = await setDefaults(amount, lifetime);
  expect([page.status, readText(page.text)]).toEqual([422, expect.stringContaining(problem)]);
  expect(readForm(page.text, `${path}/defaults`)).toMatchObject({ max_cost_usd: amount });
  expect(await defaultsNow()).toEqual({ maxCost: undefined, lifetimeSeconds: undefined });
});

it('a new time zone applies to the owner, the grants and the limit', async () => {
  await connect(server, owner.browser, await addClient(server));
  await setLimit('5');
  const done = await post('time-zone', { time_zone: 'America/Argentina/Buenos_Aires' });
  expect(readText(done.text)).toContain('Saved. Daily and monthly limits now reset at midnight');
  expect(readSelected(done, 'time_zone')).toBe('America/Argentina/Buenos_Aires');
  const { accountId } = owner;
  const zones = [
    await server.db.selectFrom('accounts').select('time_zone').where('id', '=', accountId).execute(),
    await server.db.selectFrom('grants').select('time_zone').where('account_id', '=', accountId).execute(),
    await server.db.selectFrom('account_limits').select('time_zone').where('account_id', '=', accountId).execute(),
  ];
  expect(zones.flat().map(({ time_zone }) => time_zone)).toEqual(Array(3).fill('America/Argentina/Buenos_Aires'));
});

it('offers more than 400 time zones, and accepts the first one and three that were renamed', async () => {
  const page = await owner.browser.open(path);
  const offered = [...readSelect(page, 'time_zone').matchAll(/<option[^>]*value="([^"]+)"/g)].map(([, name]) => name);
  expect(offered.length).toBeGreaterThan(400);
  for (const name of [offered[0], 'Europe/Kyiv', 'Asia/Ho_Chi_Minh', 'Pacific/Kanton']) {
    expect(offered).toContain(name);
    const done = await post('time-zone', { time_zone: name ?? '' });
    expect([name, done.status]).toEqual([name, 200]);
  }
});

it('refuses a time zone that is not on the list', async () => {
  for (const name of ['Mars/Phobos', 'europe/berlin', 'EST5EDT', '+05:00', '', "UTC'; drop table grants; --"]) {
    const page = await post('time-zone', { time_zone: name });
    expect([name, page.status]).toEqual([name, 422]);
    expect(readText(page.text)).toContain('Choose a time zone from the list.');
  }
});

it('L7: changing the time zone requires a recent sign-in or the password, because a new day begins a new budget', async () => {
  const asked = await whenSignedInLongAgo(() => post('time-zone', { time_zone: 'Asia/Tokyo' }));
  expect(asked.status).toBe(422);
  expect(readForm(asked.text, `${path}/time-zone`)).toMatchObject({ password: '' });
  expect(asked.text).toMatch(/<option value="Asia\/Tokyo" selected>/);
  const account = () =>
    server.db.selectFrom('accounts').select('time_zone').where('id', '=', owner.accountId).executeTakeFirstOrThrow();
  expect((await account()).time_zone).toBe('UTC');
  const confirmed = { time_zone: 'Asia/Tokyo', password };
  await whenSignedInLongAgo(() => owner.browser.submit(asked, `${path}/time-zone`, confirmed));
  expect((await account()).time_zone).toBe('Asia/Tokyo');
  expect(countEvents(await listEvents(server, owner), 'time_zone_changed')).toBe(1);
  expect(readText((await owner.browser.open('/account/activity')).text)).toMatch(/Time zone: \S+ → \S+/);
});

it('the question for the password offers a new sign-in instead, and `findPage` names the page of each form', async () => {
  const asked = await whenSignedInLongAgo(() => post('time-zone', { time_zone: 'Europe/Berlin' }));
  expect(asked.text).toContain('name="sign_in_again"');
  for (const [form, page] of [
    ['/account/passkeys/a-passkey-of-somebody/remove', '/account/passkeys'],
    ['/operator/accounts/an-account-of-somebody/cap', '/operator/accounts/an-account-of-somebody'],
    ['/account/developer/clients/a-client-of-somebody/delete', '/account/developer/clients/a-client-of-somebody'],
    ['/account/export', '/account/export'],
    ['/nothing/at/all', '/account'],
  ] as const)
    expect([form, findPage(form)]).toEqual([form, page]);
});

it('C4: requires the owner’s session and this page’s form token', async () => {
  for (const form of ['limit', 'defaults', 'time-zone'] as const) {
    const refused = await post(form, { csrf_token: 'x'.repeat(43), max_cost_usd_per_month: '1' });
    expect([refused.status, readText(refused.text)]).toEqual([
      403,
      expect.stringContaining('Go back and copy what you typed. Then reload the page, paste it and try again.'),
    ]);
    const { browser } = await createOwner(server);
    const theirs = await browser.open(path);
    const token = /name="csrf_token" value="([^"]+)"/.exec(theirs.text.split('</header>')[1] ?? '')?.[1] ?? '';
    expect((await post(form, { csrf_token: token })).status).toBe(403);
  }
});

it('an old tab changes no setting that another tab has changed', async () => {
  const old = await owner.browser.open(path);
  await setLimit('0.10');
  await post('time-zone', { time_zone: 'Europe/Berlin' });
  await post('language', { language: 'en' });
  await setDefaults('3', '');
  for (const [form, fields, title] of [
    ['limit', { max_cost_usd_per_month: '5' }, 'Overall spending limit'],
    ['limit', { max_cost_usd_per_month: 'not money' }, 'Overall spending limit'],
    ['defaults', { max_cost_usd: '', lifetime_seconds: '' }, 'Defaults for new apps'],
    ['time-zone', { time_zone: 'Asia/Kolkata' }, 'Time zone'],
    ['language', { language: 'de' }, 'Language'],
  ] as const) {
    const again = await owner.browser.submit(old, `${path}/${form}`, fields);
    expect([form, again.status, readText(again.text)]).toEqual([
      form,
      422,
      expect.stringContaining(`${title}: This was changed in the meantime.`),
    ]);
    expect(readForm(again.text, `${path}/limit`)).toMatchObject({ max_cost_usd_per_month: '0.10' });
    expect(again.text).toContain('<option value="Europe/Berlin" selected');
  }
  expect(await limitNow()).toBe(100_000_000n);
});

it('a time zone and a language that change while a form waits are not overwritten', async () => {
  const { accountId } = owner;
  for (const [form, fields, change] of [
    ['time-zone', { time_zone: 'Asia/Kolkata' }, (db: Database) => updateTimeZone(db, accountId, 'Europe/Berlin')],
    ['language', { language: 'de' }, (db: Database) => updateLanguage(db, accountId, 'en')],
  ] as const) {
    const page = await owner.browser.open(path);
    const { begun } = await server.db.transaction().execute(async (transaction) => {
      await lockAccount(transaction, accountId);
      const begun = owner.browser.submit(page, `${path}/${form}`, fields);
      await waitForLocks(server.db, 1);
      await change(transaction);
      return { begun };
    });
    expect([form, (await begun).status]).toEqual([form, 422]);
  }
  const { timeZone } = (await findAccount(server.db, accountId)) ?? {};
  expect([timeZone, await findLanguage(server.db, accountId)]).toEqual(['Europe/Berlin', 'en']);
});

it('each change of the defaults has an audit row: on the page, with a consent and with the API', async () => {
  const count = async () => countEvents(await listEvents(server, owner), 'defaults_changed');
  await setDefaults('2', '604800');
  await setDefaults('2', '604800');
  expect(await count()).toBe(1);
  await connect(server, owner.browser, await addClient(server), {}, { max_cost_usd: '3', remember: 'on' });
  expect(await count()).toBe(2);
  const token = await makeToken(owner, ['manage']);
  const lower = await callApi(server, token, 'PATCH /api/account', { body: { defaults: { max_cost_usd: '1' } } });
  const raise = await callApi(server, token, 'PATCH /api/account', { body: { defaults: { max_cost_usd: '9' } } });
  expect([lower.status, raise.status, await count()]).toEqual([200, 403, 3]);
  const { detail } = await server.db
    .selectFrom('audit_events')
    .select('detail')
    .where('account_id', '=', owner.accountId)
    .where('event', '=', 'defaults_changed')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  expect(detail).toMatchObject({ max_cost: '1000000000', api_token: expect.any(String) });
  const activity = readText((await owner.browser.open('/account/activity')).text);
  for (const change of ['Total spending limit: $3.00 → $1.00', 'Total spending limit: no default → $2.00'])
    expect(activity).toContain(change);
});
