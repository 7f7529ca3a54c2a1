import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import type { Logger } from 'pino';
import type { MailConfiguration } from './mail-configuration.js';
import type { MailSender, SmtpServer } from './mail-variables.js';
import type { RenderedMail } from './render-mail.js';

export interface OutgoingMail extends RenderedMail {
  /** Stays the same for each try. */
  readonly id: string;
  readonly to: string;
}

/**
 * Hands one mail to a mail server, or writes it into a file. @throws Error when that fails, or when the signal stops it
 */
export type Transport = (mail: OutgoingMail, signal: AbortSignal) => Promise<void>;

export function openTransport(configuration: Exclude<MailConfiguration, { kind: 'off' }>, log: Logger): Transport {
  return configuration.kind === 'smtp'
    ? sendBySmtp(configuration.server, configuration.from)
    : writeFiles(configuration.directory, configuration.from, log);
}

const timeouts = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };
/** A mail contains only our own texts, so nodemailer need not read a file or fetch anything. */
const closed = { disableFileAccess: true, disableUrlAccess: true };

function sendBySmtp({ host, port, encryption, credentials }: SmtpServer, from: MailSender): Transport {
  const transporter = createTransport({
    host,
    port,
    secure: encryption === 'tls',
    // Without STARTTLS the connection ends before the password or a link is sent.
    requireTLS: encryption === 'starttls',
    ignoreTLS: encryption === 'none',
    ...(credentials === undefined ? {} : { auth: { user: credentials.user, pass: credentials.password } }),
    ...timeouts,
    ...closed,
  });
  return async (mail, signal) => {
    await transporter.sendMail({ ...compose(mail, from), signal });
  };
}

/** Each file has its final name only when it is complete. Only the server's user can read it. */
function writeFiles(directory: string, from: MailSender, log: Logger): Transport {
  const transporter = createTransport({ streamTransport: true, buffer: true, newline: 'unix', ...closed });
  return async (mail) => {
    const { message } = await transporter.sendMail(compose(mail, from));
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = path.join(directory, `${mail.id}.eml`);
    await writeFile(`${file}.part`, message as Buffer, { mode: 0o600 }); // a buffer because of the option `buffer`
    await rename(`${file}.part`, file);
    log.info({ event: 'mail_written', file }, 'no mail server is configured');
  };
}

function compose({ id, to, subject, text, html }: OutgoingMail, from: MailSender) {
  return {
    from: { name: from.name, address: from.email },
    // an object, so that nodemailer does not parse the e-mail address as a list
    to: { name: '', address: to },
    subject,
    text,
    html,
    // A mail that is sent twice has the same identifier, by which mail programs can recognize it.
    messageId: `<${id}@${from.email.split('@').at(-1)}>`,
    // no automatic answers, such as those of people on holiday (RFC 3834)
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}
