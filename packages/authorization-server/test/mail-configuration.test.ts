import { expect, it } from '@jest/globals';
import { readMailConfiguration } from '../src/mail/mail-configuration.js';
import { mailSender, smtpUrl } from '../src/mail/mail-variables.js';

const off = { SMTP_URL: undefined, MAIL_FROM: undefined, MAIL_OUTBOX: undefined };
const server = smtpUrl.parse('smtps://mail.example.com');
const from = mailSender.parse('AIPassport <no-reply@example.com>');

it('reads the URL of a mail server, with TLS unless the operator turns it off', () => {
  expect(smtpUrl.parse('smtps://user%40example.com:p%25%3Aw@mail.example.com')).toEqual({
    host: 'mail.example.com',
    port: 465,
    encryption: 'tls',
    credentials: { user: 'user@example.com', password: 'p%:w' },
  });
  expect(smtpUrl.parse('smtp://mail.example.com')).toMatchObject({ port: 587, encryption: 'starttls' });
  expect(smtpUrl.parse('smtp://[::1]:2525/?tls=none')).toMatchObject({ host: '::1', port: 2525, encryption: 'none' });
});

it('refuses invalid URLs and senders, and does not repeat a URL in the message', () => {
  const urls = [
    'canary',
    'https://canary.example',
    'smtp://',
    'smtp://a:canary%@b',
    'smtps://b?tls=none',
    'smtp://b/canary',
  ];
  for (const url of [...urls, 'smtp://b?canary=1']) {
    expect(() => smtpUrl.parse(url)).toThrow(/^must be/);
    expect(() => smtpUrl.parse(url)).not.toThrow('canary');
  }
  for (const sender of ['x', 'a@b, c@d', 'A <a@b>, c@d', 'A\nBcc: c@d <a@b>', 'A <a@b', '"A" <a@b>', 'ä@b.example'])
    expect(() => mailSender.parse(sender)).toThrow(/^must be an email address/);
});

it('e-mail is off by default, and needs a sender if a mail server sends it', () => {
  expect(readMailConfiguration(off)).toEqual({ kind: 'off' });
  expect(readMailConfiguration({ ...off, SMTP_URL: server, MAIL_FROM: from })).toEqual({ kind: 'smtp', server, from });
  expect(readMailConfiguration({ ...off, MAIL_OUTBOX: '/x' })).toMatchObject({ kind: 'files', directory: '/x' });
  expect(() => readMailConfiguration({ ...off, SMTP_URL: server })).toThrow('MAIL_FROM must be given');
  expect(() => readMailConfiguration({ ...off, SMTP_URL: server, MAIL_OUTBOX: '/x' })).toThrow('not both');
});
