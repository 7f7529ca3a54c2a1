import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { TestServer } from './start-server.js';
import { waitUntil } from './wait-until.js';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it was sent. */
  readonly raw: string;
  readonly subject: string;
  /** The plain text, decoded. */
  readonly text: string;
  readonly html: string;
}

/** A real SMTP server, on this machine. */
export interface MailServer {
  readonly port: number;
  readonly mails: ReceivedMail[];
  /** The status with which the server refuses mails; undefined: it accepts them. */
  refusal: number | undefined;
  readonly close: () => Promise<void>;
}

/** @param accepts the passwords with which clients may sign in; undefined: clients need not sign in */
export async function startMailServer(accepts?: () => readonly string[]): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: accepts === undefined,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      accepts?.().includes(password ?? '') === true
        ? done(null, { user: username })
        : done(Object.assign(new Error('wrong password'), { responseCode: 535 })),
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) =>
      done(state.refusal === undefined ? null : Object.assign(new Error('refused'), { responseCode: state.refusal })),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const to = rcptTo.map(({ address }) => address);
        const from = mailFrom === false || mailFrom === null ? '' : mailFrom.address;
        mails.push({ from, to, ...readMail(Buffer.concat(chunks).toString()) });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  const state: MailServer = {
    port,
    mails,
    refusal: undefined,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return state;
}

/** The configuration of an authorization server that sends its mails to this mail server. */
export function sendTo({ port }: MailServer): Pick<TestServer['configuration'], 'mail'> {
  const from = { name: 'AIPassport', email: 'no-reply@passport.example' };
  return {
    mail: { kind: 'smtp', server: { host: '127.0.0.1', port, encryption: 'none', credentials: undefined }, from },
  };
}

/** Waits for the mail to this e-mail address whose subject has these words, and takes it out of the list. */
export async function takeMail({ mails }: MailServer, to: string, subject: string): Promise<ReceivedMail> {
  const find = () => mails.findIndex((mail) => mail.to.includes(to) && mail.subject.includes(subject));
  await waitUntil(() => find() >= 0).catch(() => undefined);
  const index = find();
  const [mail] = index < 0 ? [] : mails.splice(index, 1);
  if (mail !== undefined) return mail;
  throw new Error(`no mail about "${subject}"; there are ${mails.map((other) => other.subject).join(', ')}`);
}

/** The link of a mail, as a path of the server. */
export function readLink({ text }: Pick<ReceivedMail, 'text'>): string {
  const [address = ''] = /https?:\S+/.exec(text) ?? [];
  const { pathname, search } = new URL(address);
  return `${pathname}${search}`;
}

export function readMail(raw: string): Pick<ReceivedMail, 'raw' | 'subject' | 'text' | 'html'> {
  const lines = raw.replaceAll('\r\n', '\n');
  const unfolded = lines.replaceAll(/\n[ \t]+/g, ' ');
  const subject = /^Subject: (.*)$/m.exec(unfolded)?.[1] ?? '';
  // The header names the boundary. Two hyphens at the beginning of a line are not enough to find it, because a link may
  // be wrapped before two hyphens.
  const [, boundary = ''] = /^Content-Type: multipart\/[^\n]*boundary="([^"]+)"/m.exec(unfolded) ?? [];
  const parts = lines.split(`\n--${boundary}`);
  const readPart = (type: string) => {
    const found = parts.find((part) => part.trimStart().startsWith(`Content-Type: ${type}`)) ?? '';
    const [, encoding = '', body = ''] = /Content-Transfer-Encoding: (\S+)\n\n([\s\S]*)$/.exec(found) ?? [];
    return decode(encoding, body);
  };
  return { raw, subject: decodeWords(subject), text: readPart('text/plain'), html: readPart('text/html') };
}

function decode(encoding: string, body: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString();
  return encoding === 'quoted-printable' ? decodeQuoted(body.replaceAll('=\n', '')) : body;
}

function decodeQuoted(text: string): string {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}

/** RFC 2047 */
function decodeWords(text: string): string {
  return text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_all, kind: string, word: string) =>
      kind.toUpperCase() === 'B' ? Buffer.from(word, 'base64').toString() : decodeQuoted(word.replaceAll('_', ' ')),
    );
}
