import { findMailSettings } from '@aipassport/store/authorization';
import { waitPastMidnight } from '@aipassport/store/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { callApi, makeToken } from './support/account-api.js';
import { readForm, readText } from './support/browser.js';
import { addClient, buildRequest, decide } from './support/client.js';
import { createConfirmedOwner } from './support/confirmed-owner.js';
import { countEvents, listEvents } from './support/events.js';
import { type MailServer, readLink, takeMail } from './support/mail-server.js';
import { ageSignIn, createOwner, getLastGrant, type Owner, password } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { startWithMail } from './support/start-with-mail.js';
import { waitUntil } from './support/wait-until.js';

let mailServer: MailServer;
let server: TestServer;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ mailServer, server, close } = await startWithMail());
});
beforeEach(waitPastMidnight);
afterAll(() => close());

const dollar = 1_000_000_000n;
const near = '80% of a spending limit is used';
const reached = 'A spending limit is reached';

/** Makes one of the servers search for notices now. Returns when the search has begun. */
async function look(): Promise<void> {
  const longAgo = new Date(0);
  await server.db.updateTable('notice_checks').set({ began_at: longAgo }).execute();
  const isDone = async () => {
    const rows = await server.db.selectFrom('notice_checks').select('began_at').execute();
    return rows.length > 0 && rows.every(({ began_at: at }) => at.getTime() > longAgo.getTime());
  };
  await waitUntil(isDone);
}

async function connect(owner: Owner): Promise<string> {
  const client = await addClient(server);
  await decide(owner.browser, await buildRequest(server, client), 'allow');
  await takeMail(mailServer, owner.email, 'A new app can use your AI account');
  return (await getLastGrant(server, owner)).id;
}

/**
 * Sets counters as if the grant had just been used. The types forbid this update, because only functions of the
 * database may set counters.
 */
async function setGrant(id: string, values: Readonly<Record<string, unknown>>): Promise<void> {
  const used = { last_used_at: new Date(), ...values };
  await server.db
    .updateTable('grants')
    .set(used as never)
    .where('id', '=', id)
    .execute();
}

const dayMilliseconds = 24 * 3_600 * 1_000;
const today = () => new Date().toISOString().slice(0, 10);
const thisMonth = () => `${today().slice(0, 7)}-01`;

/** The mails to the owner that no test has taken. Waits until a later notice to another owner has arrived. */
async function listRest(owner: Owner): Promise<readonly string[]> {
  await look();
  // this mail is sent after all mails that the search has caused
  const other = await createConfirmedOwner(server, mailServer);
  const id = await connect(other);
  await setGrant(id, { max_cost: dollar, spent: dollar });
  await look();
  await takeMail(mailServer, other.email, reached);
  return mailServer.mails.filter(({ to }) => to.includes(owner.email)).map(({ subject }) => subject);
}

it('an owner is told once when an app has spent 80 % of its budget, and once when it has spent all of it', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const id = await connect(owner);
  await setGrant(id, { max_cost: dollar, spent: (dollar * 79n) / 100n });
  await look();
  await setGrant(id, { spent: (dollar * 8n) / 10n });
  await look();
  const first = await takeMail(mailServer, owner.email, near);
  expect(first.text).toContain('“Test App” (at app.example, verified) has spent $0.80 of its total limit of $1.00.');
  expect((await owner.browser.open(readLink(first))).status).toBe(200);
  await look();
  await setGrant(id, { spent: (dollar * 995n) / 1_000n });
  await look();
  await takeMail(mailServer, owner.email, reached);
  expect(await listRest(owner)).toEqual([]);
});

it('an owner is told once a day about a daily budget, and once a month about a monthly budget', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const id = await connect(owner);
  await setGrant(id, {
    max_cost: null,
    max_cost_per_day: dollar,
    day: today(),
    day_cost: dollar,
    max_cost_per_month: dollar * 10n,
    month: thisMonth(),
    month_cost: dollar * 9n,
  });
  await look();
  expect((await takeMail(mailServer, owner.email, reached)).text).toContain('has spent $1.00 today');
  expect((await takeMail(mailServer, owner.email, near)).text).toContain('has spent $9.00 this month');
  // as if the notice had been about another day
  await server.db
    .updateTable('sent_notices')
    .set({ notice: 'another day' })
    .where('account_id', '=', owner.accountId)
    .where('notice', 'like', '%:day:%')
    .execute();
  await look();
  await takeMail(mailServer, owner.email, reached);
  expect(await listRest(owner)).toEqual([]);
});

it('an owner is told when the apps together have spent 80 % of the limit for all apps', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  await server.db
    .insertInto('account_limits')
    .values({
      account_id: owner.accountId,
      time_zone: 'UTC',
      max_cost_per_month: dollar * 20n,
      month: thisMonth(),
      month_cost: dollar * 16n,
    } as never)
    .execute();
  await look();
  const mail = await takeMail(mailServer, owner.email, near);
  expect(mail.text).toContain('Your apps together have spent $16.00 this month. Your overall limit is $20.00.');
  expect(await listRest(owner)).toEqual([]);
});

it('an owner is told only once in a week that a provider key is refused, and only once that the access of an app ends soon', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const id = await connect(owner);
  const { accountId } = owner;
  const key = { account_id: accountId, upstream: 'openai' };
  await server.db
    .insertInto('provider_keys')
    .values({
      ...key,
      id: `key of ${accountId}`,
      host: 'h',
      version: 1,
      sealing_key_id: 'k',
      jwe: 'j',
      last_four: 'test',
    })
    .execute();
  const refusal = { provider_key_id: `key of ${accountId}`, refused_at: new Date(), refusal: '401 invalid_api_key' };
  await server.db
    .insertInto('provider_key_refusals')
    .values({ ...key, ...refusal })
    .execute();
  await setGrant(id, {
    created_at: new Date(Date.now() - 8 * dayMilliseconds),
    expires_at: new Date(Date.now() + 2 * dayMilliseconds),
  });
  await look();
  expect((await takeMail(mailServer, owner.email, 'Your API key was refused')).text).toContain('OpenAI');
  await takeMail(mailServer, owner.email, 'The access of an app ends soon');
  await server.db.updateTable('provider_key_refusals').set({ refused_at: new Date() }).execute();
  expect(await listRest(owner)).toEqual([]);
});

it('the API lists which notices an owner gets; a server that sends no e-mails answers 404', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const token = await makeToken(owner);
  await owner.browser.submit(await owner.browser.open('/account/email'), '/account/email/notices', {
    notices: ['budget', 'access_ends'],
  });
  expect((await callApi(server, token, 'GET /api/account/notices')).body).toEqual({
    email: owner.email,
    is_confirmed: true,
    notices: [
      { kind: 'new_app', is_on: false },
      { kind: 'budget', is_on: true },
      { kind: 'key_refused', is_on: false },
      { kind: 'access_ends', is_on: true },
    ],
  });
  const silent = await startTestServer();
  const theirs = await makeToken(await createOwner(silent));
  expect((await callApi(silent, theirs, 'GET /api/account/notices')).status).toBe(404);
  await silent.close();
});

it('a notice is not sent if the owner has switched it off, or if the address is not confirmed', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const quiet = await connect(owner);
  const page = await owner.browser.open('/account/email');
  await owner.browser.submit(page, '/account/email/notices', { notices: ['new_app'] });
  const old = await owner.browser.submit(page, '/account/email/notices');
  expect([old.status, readText(old.text)]).toEqual([422, expect.stringContaining('changed in the meantime')]);
  const stranger = await createOwner(server);
  await takeMail(mailServer, stranger.email, 'Confirm your email address');
  await decide(stranger.browser, await buildRequest(server, await addClient(server)), 'allow');
  for (const id of [quiet, (await getLastGrant(server, stranger)).id])
    await setGrant(id, { max_cost: dollar, spent: dollar });
  expect(await listRest(owner)).toEqual([]);
  expect(mailServer.mails.filter(({ to }) => to.includes(stranger.email))).toEqual([]);
});

it('to switch a notice off requires a recent sign-in, to switch it on again does not; both leave an audit row', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const path = '/account/email/notices';
  const choose = async (notices: readonly string[]) =>
    owner.browser.submit(await owner.browser.open('/account/email'), path, { notices: [...notices] });
  const all = ['new_app', 'budget', 'key_refused', 'access_ends'];
  const muted = async () => (await findMailSettings(server.db, owner.accountId)).muted;
  await ageSignIn(server, owner, 600);
  expect((await choose(all)).status).toBe(200);
  const asked = await choose(['budget', 'key_refused', 'access_ends']);
  expect([asked.status, readText(asked.text)]).toEqual([422, expect.stringContaining('to switch off an email')]);
  expect([await muted(), readForm(asked.text, path)['notices']]).toEqual([
    [],
    ['budget', 'key_refused', 'access_ends'],
  ]);
  expect(readForm(asked.text, '/account/email/change')).not.toHaveProperty('password');
  expect((await owner.browser.submit(asked, path, { password })).status).toBe(200);
  expect(await muted()).toEqual(['new_app']);
  await ageSignIn(server, owner, 600);
  expect((await choose(all)).status).toBe(200);
  expect(await muted()).toEqual([]);
  expect(countEvents(await listEvents(server, owner), 'notices_changed')).toBe(2);
});
