import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser, readText } from './support/browser.js';
import { addClient, buildRequest } from './support/client.js';
import { createConfirmedOwner } from './support/confirmed-owner.js';
import { countEvents, listEvents } from './support/events.js';
import { type MailServer, readLink, takeMail } from './support/mail-server.js';
import { createOwner, signIn } from './support/owner.js';
import { startTestServer, type TestServer } from './support/start-server.js';
import { startWithMail } from './support/start-with-mail.js';

let mailServer: MailServer;
let server: TestServer;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ mailServer, server, close } = await startWithMail());
});
afterAll(() => close());

const path = '/account/forgotten-password';
const subject = 'Set a new password';
const newPassword = 'another horse, another staple 43';

async function askForLink(email: string) {
  const browser = new Browser(server.issuer);
  return browser.submit(await browser.open(path), `${path}/send-link`, { email });
}

it('a link by e-mail sets a new password once, ends all sessions, and the owner gets an e-mail', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  expect(readText((await askForLink(` ${owner.email.toUpperCase()}`)).text)).toContain('a link is on its way');
  const mail = await takeMail(mailServer, owner.email, subject);
  const link = readLink(mail);
  expect(countEvents(await listEvents(server, owner), 'password_reset_link_sent')).toBe(1);
  const browsers = [new Browser(server.issuer), new Browser(server.issuer)];
  const pages = await Promise.all(browsers.map((browser) => browser.open(link)));
  const answers = await Promise.all(
    browsers.map((browser, index) => {
      const page = pages[index];
      if (page === undefined) throw new Error('no page');
      return browser.submit(page, '/account/reset', { new_password: newPassword });
    }),
  );
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 403]);
  expect((await owner.browser.open('/account')).url.pathname).toBe('/account/sign-in');
  await takeMail(mailServer, owner.email, 'Your password was changed');
  expect((await signIn(new Browser(server.issuer), owner.email)).status).toBe(422);
  expect((await signIn(new Browser(server.issuer), owner.email, newPassword)).url.pathname).toBe('/account');
  const token = new URLSearchParams(link.split('?')[1]).get('token') ?? '';
  expect(token).toMatch(/^[\w-]{43}$/);
  const text = server.logLines.join('\n');
  expect([text.includes(token), text.includes(owner.email)]).toEqual([false, false]);
});

it('the browser that asked for a link continues with the app’s request after the reset, and another browser does not', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const client = await addClient(server, { name: 'Recipe Helper' });
  const visitor = new Browser(server.issuer);
  const { url } = await buildRequest(server, client, { scope: 'model:gpt-4o-mini cap:chat' });
  const signInPage = await visitor.open(url);
  const request = signInPage.url.searchParams.get('return_to') ?? '';
  expect(request).toMatch(/^\/interaction\//);
  for (const [browser, returnTo] of [
    [visitor, request],
    [new Browser(server.issuer), '/account'],
  ] as const) {
    const asked = await visitor.open(`${path}?${new URLSearchParams({ return_to: request })}`);
    await visitor.submit(asked, `${path}/send-link`, { email: owner.email });
    const link = readLink(await takeMail(mailServer, owner.email, subject));
    expect(link).not.toContain('interaction');
    const done = await browser.submit(await browser.open(link), '/account/reset', { new_password: newPassword });
    expect([done.url.pathname, done.url.searchParams.get('return_to')]).toEqual(['/account/sign-in', returnTo]);
    await takeMail(mailServer, owner.email, 'Your password was changed');
  }
});

it('a cookie with another site’s URL, which this server has not set, leads to no other site', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  await askForLink(owner.email);
  const link = readLink(await takeMail(mailServer, owner.email, subject));
  const browser = new Browser(server.issuer);
  const page = await browser.open(link);
  const name = 'aipassport_reset_return';
  browser.cookies.set(`${name};/`, { name, value: '//elsewhere.example/', path: '/' });
  const done = await browser.submit(page, '/account/reset', { new_password: newPassword });
  expect([done.url.origin, done.url.searchParams.get('return_to')]).toEqual([server.issuer, '/account']);
});

// The ids at the beginning of titles are rows of docs/security.md.
it('L1: the answer is the same for an unknown address, and for one that is not confirmed, which gets no mail', async () => {
  const unconfirmed = await createOwner(server);
  await takeMail(mailServer, unconfirmed.email, 'Confirm your email address');
  const confirmed = await createConfirmedOwner(server, mailServer);
  const texts = [];
  for (const email of [confirmed.email, unconfirmed.email, `nobody-${confirmed.email}`])
    texts.push(readText((await askForLink(email)).text));
  expect(new Set(texts).size).toBe(1);
  await takeMail(mailServer, confirmed.email, subject);
  const links = await server.db.selectFrom('password_resets').select('account_id').execute();
  expect(links.map(({ account_id: id }) => id)).not.toContain(unconfirmed.accountId);
  expect(mailServer.mails.filter(({ to }) => to.includes(unconfirmed.email))).toEqual([]);
});

it('a link that was sent to the old address ends when the address changes', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  await askForLink(owner.email);
  const link = readLink(await takeMail(mailServer, owner.email, subject));
  const email = `new-${owner.email}`;
  await owner.browser.submit(await owner.browser.open('/account/email'), '/account/email/change', { email });
  const confirmation = readLink(await takeMail(mailServer, email, 'Confirm your email address'));
  await owner.browser.submit(await owner.browser.open(confirmation), '/account/email/confirm');
  expect((await new Browser(server.issuer).open(link)).status).toBe(403);
});

it('an owner gets an e-mail about new recovery codes', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  await owner.browser.submit(await owner.browser.open('/account/recovery-codes'), '/account/recovery-codes', {
    asked: 'yes',
  });
  const mail = await takeMail(mailServer, owner.email, 'How you sign in was changed');
  expect(mail.text).toContain('New recovery codes created');
});

it('L2: few links are sent to one address, and few can be requested from one network', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const browser = new Browser(server.issuer);
  const page = await browser.open(path);
  const statuses: number[] = [];
  for (let turn = 0; turn < 31; turn += 1)
    statuses.push((await browser.submit(page, `${path}/send-link`, { email: owner.email }, { follow: false })).status);
  expect([statuses[0], statuses.at(-1)]).toEqual([303, 429]);
  // An account gets at most five links in an hour. The first one confirmed the address.
  for (let turn = 0; turn < 4; turn += 1) await takeMail(mailServer, owner.email, subject);
  const waiting = await server.db
    .selectFrom('mails')
    .select('id')
    .where('account_id', '=', owner.accountId)
    .where('tries', '=', 0)
    .execute();
  expect(waiting).toEqual([]);
});

it('without a mail server, the page has no form for a link', async () => {
  const quiet = await startTestServer();
  try {
    expect((await new Browser(quiet.issuer).open(path)).text).not.toContain(`${path}/send-link`);
  } finally {
    await quiet.close();
  }
});
