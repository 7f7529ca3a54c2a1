import { clearAttempts } from '@aipassport/store/authorization';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { requireAccountCreation } from '../src/account/guessing-limits.js';
import { Browser, readForm, readText } from './support/browser.js';
import { createConfirmedOwner } from './support/confirmed-owner.js';
import { countEvents, listEvents } from './support/events.js';
import { encodeForm } from './support/http.js';
import { type MailServer, readLink, takeMail } from './support/mail-server.js';
import { createOwner, type Owner, password, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { startWithMail } from './support/start-with-mail.js';
import { waitUntil } from './support/wait-until.js';

let mailServer: MailServer;
let server: TestServer;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ mailServer, server, close } = await startWithMail());
});
afterAll(() => close());

const path = '/account/email';
const confirmPath = '/account/email/confirm';
const confirmation = 'Confirm your email address';

/** Opens the link that was sent to this address, and confirms. */
async function confirm(owner: Owner, address: string) {
  const page = await owner.browser.open(readLink(await takeMail(mailServer, address, confirmation)));
  return owner.browser.submit(page, confirmPath);
}

const open = async ({ browser }: Owner) => readText((await browser.open(path)).text);

it('a new account works before its address is confirmed, and the link confirms it once', async () => {
  const owner = await createOwner(server);
  expect(await open(owner)).toContain(`${owner.email} · Not confirmed yet`);
  expect(readText((await owner.browser.open('/account/settings')).text)).toContain('Email (Not confirmed yet)');
  const mail = await takeMail(mailServer, owner.email, confirmation);
  const link = readLink(mail);
  const page = await owner.browser.open(link);
  expect(page.url.href).not.toContain('token');
  expect(await open(owner)).toContain('Not confirmed yet');
  const done = await owner.browser.submit(page, confirmPath);
  expect(readText(done.text)).toContain('Email address confirmed.');
  expect(await open(owner)).toContain(`${owner.email} · Confirmed`);
  expect(readText((await owner.browser.open(link)).text)).toContain('This link no longer works');
});

it('a link that is used at both replicas at once works once', async () => {
  const owner = await createOwner(server);
  const page = await owner.browser.open(readLink(await takeMail(mailServer, owner.email, confirmation)));
  const body = encodeForm(readForm(page.text, confirmPath));
  const headers = { host: new URL(server.issuer).host, cookie: owner.browser.cookieHeader(page.url) };
  const confirmAt = (replica: string) =>
    owner.browser.request(new URL(confirmPath, replica), { method: 'POST', body, headers });
  const answers = await Promise.all([...server.urls, ...server.urls].map(confirmAt));
  expect(answers.map(({ status }) => status)).not.toContain(403);
  const events = await server.db
    .selectFrom('audit_events')
    .select('event')
    .where('account_id', '=', owner.accountId)
    .where('event', '=', 'email_confirmed')
    .execute();
  expect(events.length).toBe(1);
});

it('a link works only for the account for which it was sent, and a signed-out browser must sign in first', async () => {
  const owner = await createOwner(server);
  const link = readLink(await takeMail(mailServer, owner.email, confirmation));
  const stranger = await createOwner(server);
  expect(readText((await stranger.browser.open(link)).text)).toContain('This link no longer works');
  const elsewhere = new Browser(server.issuer);
  expect((await elsewhere.open(link)).url.pathname).toBe('/account/sign-in');
  const page = await elsewhere.open('/account/sign-in?return_to=/account/email/confirm');
  const back = await elsewhere.submit(page, '/account/sign-in', { email: owner.email, password });
  expect(readText(back.text)).toContain(`Is ${owner.email} your email address?`);
});

it('a link ends after a day, and a new link ends the earlier one', async () => {
  const owner = await createOwner(server);
  const first = readLink(await takeMail(mailServer, owner.email, confirmation));
  await owner.browser.submit(await owner.browser.open(path), `${path}/send-link`);
  const second = readLink(await takeMail(mailServer, owner.email, confirmation));
  expect(readText((await owner.browser.open(first)).text)).toContain('This link no longer works');
  const { expires_at: expiresAt } = await server.db
    .selectFrom('address_links')
    .select('expires_at')
    .where('account_id', '=', owner.accountId)
    .executeTakeFirstOrThrow();
  expect(Math.round((expiresAt.getTime() - Date.now()) / 3_600_000)).toBe(24);
  await server.db
    .updateTable('address_links')
    .set({ expires_at: new Date() })
    .where('account_id', '=', owner.accountId)
    .execute();
  expect(readText((await owner.browser.open(second)).text)).toContain('This link no longer works');
});

it('a new address replaces the old one when it is confirmed, and the old one gets a notice', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const newEmail = `new-${owner.email}`;
  const sent = await owner.browser.submit(await owner.browser.open(path), `${path}/change`, {
    email: ` ${newEmail.toUpperCase()} `,
  });
  expect(readText(sent.text)).toContain('a link is on its way');
  expect(await open(owner)).toContain(`${owner.email} · Confirmed`);
  expect(readText((await confirm(owner, newEmail)).text)).toContain('Email address changed.');
  expect(await open(owner)).toContain(`${newEmail} · Confirmed`);
  const notice = await takeMail(mailServer, owner.email, 'Your email address was changed');
  expect(notice.text).toContain('If this wasn’t you');
  expect((await signIn(new Browser(server.issuer), owner.email)).status).toBe(422);
  expect((await signIn(new Browser(server.issuer), newEmail)).url.pathname).toBe('/account');
  expect(countEvents(await listEvents(server, owner), 'email_changed')).toBe(1);
});

// The ids at the beginning of titles are rows of docs/security.md.
it('L7: changing the address requires a recent sign-in or the password, and keeps what was typed', async () => {
  const owner = await createOwner(server);
  server.advanceClock(600);
  const newEmail = `step-${owner.email}`;
  const asked = await owner.browser.submit(await owner.browser.open(path), `${path}/change`, { email: newEmail });
  expect([asked.status, readText(asked.text)]).toEqual([
    422,
    expect.stringContaining('Confirm it’s you to change your email address.'),
  ]);
  expect(asked.text).toContain(`value="${newEmail}"`);
  const wrong = await owner.browser.submit(asked, `${path}/change`, { password: 'wrong password' });
  expect(readText(wrong.text)).toContain('Wrong password.');
  const right = await owner.browser.submit(wrong, `${path}/change`, { password });
  expect(readText(right.text)).toContain('a link is on its way');
  await takeMail(mailServer, newEmail, confirmation);
  server.advanceClock(-600);
});

it('an address that another account has gets the same answer as a free address, and no mail is sent to it', async () => {
  const [owner, other] = [await createOwner(server), await createOwner(server)];
  await takeMail(mailServer, other.email, confirmation);
  const change = async (email: string) =>
    readText((await owner.browser.submit(await owner.browser.open(path), `${path}/change`, { email })).text);
  expect(await change(other.email)).toBe(await change(`free-${other.email}`));
  await takeMail(mailServer, `free-${other.email}`, confirmation);
  expect(mailServer.mails.filter(({ to }) => to.includes(other.email))).toEqual([]);
});

it('a link does not change the e-mail address to one that another account has taken in the meantime', async () => {
  const owner = await createOwner(server);
  const email = `late-${owner.email}`;
  await owner.browser.submit(await owner.browser.open(path), `${path}/change`, { email });
  const link = readLink(await takeMail(mailServer, email, confirmation));
  await server.db
    .insertInto('accounts')
    .values({ id: `late ${email}`, email, password_hash: 'x' })
    .execute();
  const done = await owner.browser.submit(await owner.browser.open(link), confirmPath);
  expect(readText(done.text)).toContain('We couldn’t change your email address.');
  expect(await open(owner)).toContain(owner.email);
});

it('a text that is not an address, and the present address, are refused', async () => {
  const owner = await createOwner(server);
  for (const [email, answer] of [
    ['x', 'Enter an email address'],
    ['a@b.example\r\nBcc: c@d.example', 'Enter an email address'],
    [owner.email.toUpperCase(), 'This is your address already.'],
  ] as const) {
    const page = await owner.browser.submit(await owner.browser.open(path), `${path}/change`, { email });
    expect([page.status, readText(page.text)]).toEqual([422, expect.stringContaining(answer)]);
  }
});

it('an account gets at most five links in an hour', async () => {
  const owner = await createOwner(server);
  const page = await owner.browser.open(path);
  for (let turn = 0; turn < 8; turn += 1) await owner.browser.submit(page, `${path}/send-link`);
  const isSent = async () => {
    const { accountId } = owner;
    return (
      (await server.db.selectFrom('mails').select('id').where('account_id', '=', accountId).execute()).length === 0
    );
  };
  await waitUntil(isSent);
  expect(mailServer.mails.filter(({ to }) => to.includes(owner.email)).length).toBe(5);
});

it('the overview asks the owner to confirm the address, until it is confirmed', async () => {
  const owner = await createOwner(server);
  const asks = async () => readText((await owner.browser.open('/account')).text).includes(confirmation);
  expect(await asks()).toBe(true);
  await confirm(owner, owner.email);
  expect(await asks()).toBe(false);
});

describe('without a mail server', () => {
  let quiet: TestServer;
  beforeAll(async () => {
    quiet = await startTestServer({ replicas: 2 });
  });
  afterAll(() => quiet.close());

  const change = async ({ browser }: Owner, fields: Readonly<Record<string, string>>) =>
    browser.submit(await browser.open(path), `${path}/change`, fields);

  it('an owner changes the address at once, signs in with it from then on, and the change is in the audit log', async () => {
    const owner = await createOwner(quiet);
    expect((await owner.browser.open('/account/settings')).text).toContain(`href="${path}"`);
    expect(await open(owner)).not.toMatch(/confirmed|Emails you get/i);
    const email = `right-${owner.email}`;
    const done = await change(owner, { email: ` ${email.toUpperCase()} ` });
    expect(readText(done.text)).toContain(`Email address changed. Email address ${email} Change email address`);
    expect((await signIn(new Browser(quiet.issuer), owner.email)).status).toBe(422);
    expect((await signIn(new Browser(quiet.issuer), email)).url.pathname).toBe('/account');
    expect(countEvents(await listEvents(quiet, owner), 'email_changed')).toBe(1);
    expect(await quiet.db.selectFrom('mails').select('id').execute()).toEqual([]);
    for (const part of ['send-link', 'notices', 'confirm'])
      expect(
        (await owner.browser.request(new URL(`${path}/${part}`, quiet.issuer), { method: 'POST', body: '' })).status,
      ).toBe(404);
    expect(readText((await owner.browser.open('/account')).text)).not.toContain(confirmation);
  });

  it('changing the address requires a recent sign-in, and an address that another account has is refused', async () => {
    const [owner, other] = [await createOwner(quiet), await createOwner(quiet)];
    quiet.advanceClock(600);
    const asked = await change(owner, { email: `new-${owner.email}` });
    expect([asked.status, readText(asked.text)]).toEqual([422, expect.stringContaining('Confirm it’s you')]);
    const taken = await change(owner, { email: other.email, password });
    quiet.advanceClock(-600);
    expect([taken.status, readText(taken.text)]).toEqual([422, expect.stringContaining('Use another one.')]);
    expect((await signIn(new Browser(quiet.issuer), owner.email)).url.pathname).toBe('/account');
    expect(countEvents(await listEvents(quiet, owner), 'email_changed')).toBe(0);
  });

  it('L2: an address change and a new account count for the same limit, because both reveal whether an address is taken', async () => {
    const [owner, other] = [await createOwner(quiet), await createOwner(quiet)];
    const page = await owner.browser.open(path);
    const useUp = async () => {
      for (;;) await requireAccountCreation(quiet.db, '127.0.0.1');
    };
    await expect(useUp()).rejects.toThrow();
    const refused = await owner.browser.submit(page, `${path}/change`, { email: other.email });
    await clearAttempts(quiet.db, 'create-account:127.0.0.1');
    expect(refused.status).toBe(429);
  });

  it('of two accounts that take one address at the same moment, one gets it', async () => {
    const owners = [await createOwner(quiet), await createOwner(quiet)];
    const email = `shared-${owners[0]?.email}`;
    const pages = await Promise.all(owners.map(({ browser }) => browser.open(path)));
    const answers = await Promise.all(
      owners.map(({ browser }, index) => {
        const body = encodeForm({ ...readForm(pages[index]?.text ?? '', `${path}/change`), email });
        const headers = { host: new URL(quiet.issuer).host, cookie: browser.cookieHeader(new URL(quiet.issuer)) };
        return browser.request(new URL(`${path}/change`, quiet.urls[index]), { method: 'POST', body, headers });
      }),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 422]);
  });
});

it('C4: each form requires this page’s form token', async () => {
  const owner = await createOwner(server);
  const page = await owner.browser.open(path);
  for (const action of ['send-link', 'change', 'notices']) {
    const answer = await owner.browser.submit(page, `${path}/${action}`, { csrf_token: 'x'.repeat(43) });
    expect([action, answer.status]).toEqual([action, 403]);
  }
});

it('G1: no log line contains the token of a link or an address', async () => {
  const owner = await createOwner(server);
  const mail = await takeMail(mailServer, owner.email, confirmation);
  const link = readLink(mail);
  await owner.browser.open(link);
  const token = new URLSearchParams(link.split('?')[1]).get('token') ?? '';
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(mail.html).toContain(token);
  const text = server.logLines.join('\n');
  expect(text).toContain('mail_sent');
  expect([text.includes(token), text.includes(owner.email)]).toEqual([false, false]);
});
