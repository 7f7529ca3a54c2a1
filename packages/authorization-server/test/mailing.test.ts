import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hashSecret } from '@aipassport/store';
import { insertMail } from '@aipassport/store/authorization';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Browser } from './support/browser.js';
import { addClient, buildRequest, decide } from './support/client.js';
import { createConfirmedOwner } from './support/confirmed-owner.js';
import { type MailServer, readLink, readMail, takeMail } from './support/mail-server.js';
import { createOwner, password, signIn } from './support/owner.js';
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
afterEach(() => {
  mailServer.refusal = undefined;
});

const listMails = (accountId: string) =>
  server.db.selectFrom('mails').selectAll().where('account_id', '=', accountId).execute();

it('each mail is sent by one of two replicas, and then deleted', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  for (let index = 0; index < 30; index += 1)
    await insertMail(server.db, {
      accountId: owner.accountId,
      email: `recipient-${index}@example.com`,
      kind: 'address_changed',
      language: 'en',
      detail: {},
    });
  await waitUntil(async () => (await listMails(owner.accountId)).length === 0);
  const received = mailServer.mails.flatMap(({ to }) => to).filter((to) => to.startsWith('recipient-'));
  expect(received.length).toBe(30);
  expect(new Set(received).size).toBe(30);
});

it('a mail that cannot be sent now is tried again later, and one that is refused for good is given up', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const { accountId, email } = owner;
  mailServer.refusal = 451;
  await insertMail(server.db, { accountId, email, kind: 'address_changed', language: 'en', detail: {} });
  await waitUntil(async () => (await listMails(accountId)).some(({ tries }) => tries === 1));
  await waitUntil(async () => server.logLines.some((line) => line.includes('"mail_not_sent"')));
  const [waiting] = await listMails(accountId);
  expect(waiting?.next_try_at.getTime()).toBeGreaterThan(Date.now());
  mailServer.refusal = undefined;
  await server.db.updateTable('mails').set({ next_try_at: new Date() }).where('account_id', '=', accountId).execute();
  await takeMail(mailServer, email, 'Your email address was changed');
  mailServer.refusal = 550;
  await insertMail(server.db, { accountId, email, kind: 'address_changed', language: 'en', detail: {} });
  await waitUntil(async () => server.logLines.some((line) => line.includes('"mail_refused"')));
  await waitUntil(async () => (await listMails(accountId)).length === 0);
  expect(await listMails(accountId)).toEqual([]);
  expect(server.logLines.join('\n')).not.toContain(email);
});

it('a mail expires one day after it was created', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  mailServer.refusal = 451;
  await insertMail(server.db, {
    accountId: owner.accountId,
    email: owner.email,
    kind: 'address_changed',
    language: 'en',
    detail: {},
  });
  const [mail] = await listMails(owner.accountId);
  expect(((mail?.expires_at.getTime() ?? 0) - (mail?.created_at.getTime() ?? 0)) / 3_600_000).toBe(24);
  await server.db.deleteFrom('mails').where('account_id', '=', owner.accountId).execute();
});

it('the tables contain no link that works, even while the mail with the link waits to be sent', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  mailServer.refusal = 451;
  const newAddress = `new-${owner.email}`;
  const page = await owner.browser.open('/account/email');
  await owner.browser.submit(page, '/account/email/change', { email: newAddress });
  const stranger = new Browser(server.issuer);
  const forgotten = '/account/forgotten-password';
  await stranger.submit(await stranger.open(forgotten), `${forgotten}/send-link`, { email: owner.email });
  const waiting = await listMails(owner.accountId);
  expect(waiting.map(({ kind }) => kind).sort()).toEqual(['confirm_new_address', 'reset_password']);
  const dump = await dumpTables(server.db);
  expect(dump).toContain(newAddress);
  await waitUntil(async () => (await listMails(owner.accountId)).every(({ tries }) => tries > 0));
  mailServer.refusal = undefined;
  await server.db.updateTable('mails').set({ next_try_at: new Date() }).execute();
  for (const [address, subject] of [
    [newAddress, 'Confirm your email address'],
    [owner.email, 'Set a new password'],
  ] as const) {
    const link = readLink(await takeMail(mailServer, address, subject));
    const token = new URL(link, server.issuer).searchParams.get('token') ?? '';
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(dump).toContain(hashSecret(token));
    for (const form of [token, Buffer.from(token).toString('base64url'), Buffer.from(token).toString('hex')])
      expect(dump).not.toContain(form);
  }
});

/** Every row of every table as text. */
async function dumpTables(db: TestServer['db']): Promise<string> {
  const parts: string[] = [];
  for (const { name } of await db.introspection.getTables()) {
    // the type accepts only the names of known tables, so each name is cast to one of them
    const rows = await db
      .selectFrom(name as 'mails')
      .selectAll()
      .execute();
    parts.push(
      ...rows.map((row) => JSON.stringify(row, (_key, value) => (typeof value === 'bigint' ? String(value) : value))),
    );
  }
  return parts.join('\n');
}

it('an owner gets a mail about a new password, a new device and a new app', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const page = await owner.browser.open('/account/password');
  const newPassword = 'another horse, another staple 43';
  await owner.browser.submit(page, '/account/password', { password, new_password: newPassword });
  expect((await takeMail(mailServer, owner.email, 'Your password was changed')).text).toContain('(UTC)');
  await signIn(owner.browser, owner.email, newPassword);
  const elsewhere = new Browser(server.issuer);
  await signIn(elsewhere, owner.email, newPassword);
  await takeMail(mailServer, owner.email, 'New sign-in to your account');
  await signIn(elsewhere, owner.email, newPassword);
  const client = await addClient(server, { name: 'Chat <b>& "More"</b>' });
  await decide(owner.browser, await buildRequest(server, client), 'allow');
  const connected = await takeMail(mailServer, owner.email, 'A new app can use your AI account');
  expect(connected.text).toContain(
    '“Chat <b>& "More"</b>” (at app.example, verified) got access to your AI account on',
  );
  expect(connected.html).not.toContain('<b>');
  expect((await owner.browser.open(readLink(connected))).status).toBe(200);
  expect(mailServer.mails.filter(({ to }) => to.includes(owner.email))).toEqual([]);
});

it('notices can be switched off, but those about security cannot', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  await owner.browser.submit(await owner.browser.open('/account/email'), '/account/email/notices', { notices: [] });
  await decide(owner.browser, await buildRequest(server, await addClient(server)), 'allow');
  await signIn(new Browser(server.issuer), owner.email);
  await takeMail(mailServer, owner.email, 'New sign-in to your account');
  await waitUntil(async () => (await listMails(owner.accountId)).length === 0);
  expect(await listMails(owner.accountId)).toEqual([]);
  expect(mailServer.mails.filter(({ to }) => to.includes(owner.email))).toEqual([]);
});

it('no notice is sent to an e-mail address that is not confirmed', async () => {
  const owner = await createOwner(server);
  await takeMail(mailServer, owner.email, 'Confirm your email address');
  await signIn(new Browser(server.issuer), owner.email);
  await decide(owner.browser, await buildRequest(server, await addClient(server)), 'allow');
  expect(await listMails(owner.accountId)).toEqual([]);
  expect(mailServer.mails.filter(({ to }) => to.includes(owner.email))).toEqual([]);
});

it('mails are in the language and the time zone of the owner', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  const settings = '/account/settings';
  await owner.browser.submit(await owner.browser.open(settings), `${settings}/language`, { language: 'de' });
  await owner.browser.submit(await owner.browser.open(settings), `${settings}/time-zone`, {
    time_zone: 'Europe/Berlin',
  });
  await signIn(new Browser(server.issuer), owner.email);
  const mail = await takeMail(mailServer, owner.email, 'Neue Anmeldung in Ihrem Konto');
  expect(mail.text).toContain('(Europe/Berlin)');
  expect(mail.html).toContain('<html lang="de">');
});

it('the name of an app adds no header and no link to a mail', async () => {
  const owner = await createConfirmedOwner(server, mailServer);
  for (const name of ['Win https://evil.example/x', 'evil.example', 'a@evil.example', 'x\u202e\u200b\u2028Bcc: y']) {
    await decide(owner.browser, await buildRequest(server, await addClient(server, { name })), 'allow');
    const mail = await takeMail(mailServer, owner.email, 'A new app can use your AI account');
    expect(mail.text).not.toContain('evil');
    expect(mail.to).toEqual([owner.email]);
    expect(mail.raw).not.toMatch(/^bcc:/im);
    expect(mail.raw).not.toMatch(/<img|<script|<link|url\(/i);
  }
});

it('the mail server of these tests reads a link whole, even if it is wrapped before two hyphens', () => {
  const part = (type: string, body: string) =>
    `--b-1\nContent-Type: ${type}; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n${body}\n\n`;
  const text = part('text/plain', 'Open this:\nhttp://127.0.0.1:4000/account/email/confirm?token=3Dab=\n--cd\n\nBye');
  const raw = `Subject: A\nContent-Type: multipart/alternative;\n boundary="b-1"\n\n${text}${part('text/html', '<p>A</p>')}--b-1--\n`;
  const mail = readMail(raw.replaceAll('\n', '\r\n'));
  expect([readLink(mail), mail.html.trim()]).toEqual(['/account/email/confirm?token=ab--cd', '<p>A</p>']);
  expect(mail.text.trim()).toMatch(/Bye$/);
});

it('if the operator has no mail server, mails are written as files that only the server’s user can read', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'outbox-'));
  const from = { name: 'AIPassport', email: 'no-reply@localhost' };
  const local = await startTestServer({ configuration: { mail: { kind: 'files', directory, from } } });
  try {
    const owner = await createOwner(local);
    await waitUntil(async () => (await readdir(directory)).some((name) => name.endsWith('.eml')));
    const [file = ''] = await readdir(directory);
    const mail = readMail(await readFile(path.join(directory, file), 'utf8'));
    expect(mail.raw).toContain(`To: ${owner.email}`);
    expect((await stat(path.join(directory, file))).mode & 0o077).toBe(0);
    expect(local.logLines.some((line) => line.includes(path.join(directory, file)))).toBe(true);
    const done = await owner.browser.submit(await owner.browser.open(readLink(mail)), '/account/email/confirm');
    expect(done.text).toContain('Email address confirmed.');
  } finally {
    await local.close();
    await rm(directory, { recursive: true });
  }
});
