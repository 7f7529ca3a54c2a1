import { noRepetition, type Repetition, repeatUntilClosed } from '@aipassport/contracts';
import { claimMails, type DueMail, deferMail, deleteMail } from '@aipassport/store/authorization';
import type { Foundation } from '../foundation.js';
import type { CookieKeys } from '../keys/parse-cookie-keys.js';
import { isLanguage } from '../texts/language.js';
import { textsIn } from '../texts/texts.js';
import { describeMail } from './describe-mail.js';
import { unsealLinkToken } from './link-tokens.js';
import type { MailConfiguration } from './mail-configuration.js';
import type { MailContext } from './mail-context.js';
import { openTransport, type Transport } from './open-transport.js';
import { renderMail } from './render-mail.js';

type Deps = Pick<Foundation, 'configuration' | 'db' | 'log'>;

interface Options {
  /** SECRET: the cookie keys in use. */
  readonly readCookieKeys: () => CookieKeys;
  /** SECRET: the mail server in force. */
  readonly readMail: () => MailConfiguration;
  /** Whether the database was replaced by an older one. */
  readonly isRestored: () => Promise<boolean>;
}

const pollMilliseconds = 1_000;
/** How many mails a server sends at a time. */
const maxMails = 5;
const sendMilliseconds = 60_000;
/** Longer than sending a mail can take, so that no other server sends the same mail meanwhile. */
const leaseSeconds = 120;
const firstDelaySeconds = 30;
const longestDelaySeconds = 3_600;

/**
 * Sends the mails of the outbox in the background. Any number of servers may do this; the database gives each mail to
 * one of them at a time. A mail is deleted after it was sent. If the server stops between sending and deleting, the
 * mail is sent again.
 */
export function startMailing(
  { configuration, db, log }: Deps,
  { readCookieKeys, readMail, isRestored }: Options,
): Repetition {
  const { mail, issuer, models } = configuration;
  if (mail.kind === 'off') return noRepetition;
  let used: MailConfiguration = mail;
  let transport = openTransport(mail, log);

  /** The mails that are being sent keep their connection. */
  function readTransport(): Transport {
    const current = readMail();
    if (current !== used && current.kind !== 'off') {
      transport = openTransport(current, log);
      used = current;
    }
    return transport;
  }

  async function sendDue(): Promise<number> {
    const cookieKeys = readCookieKeys();
    const due = await claimMails(db, { most: maxMails, leaseSeconds });
    // The mails in a restored backup were probably sent after the backup was made, and some of their accounts may have
    // been deleted since then.
    if (due.length > 0 && (await isRestored())) return 0;
    const sender = { db, log, transport: readTransport(), issuer, cookieKeys, upstreams: models.upstreams };
    await Promise.all(due.map((one) => send(sender, one)));
    return due.length;
  }

  return repeatUntilClosed(pollMilliseconds, async () => {
    const sent = await sendDue().catch((error: unknown) => {
      log.warn(
        { event: 'mailing_failed', err: error },
        'the queued e-mails could not be processed; the next attempt is in a second',
      );
      return 0;
    });
    return sent < maxMails ? undefined : 0;
  });
}

interface Sender extends Pick<Deps, 'db' | 'log'>, Pick<MailContext, 'issuer' | 'upstreams'> {
  readonly transport: Transport;
  readonly cookieKeys: CookieKeys;
}

/** Logs neither the e-mail address nor the text of an error, because mail servers repeat the address in that text. */
async function send({ db, log, transport, cookieKeys, ...context }: Sender, mail: DueMail): Promise<void> {
  const { id, kind, tries } = mail;
  try {
    const texts = textsIn(isLanguage(mail.language) ? mail.language : 'en');
    const linkToken = await unsealLinkToken(cookieKeys, mail);
    const rendered = renderMail(describeMail(mail, { ...context, texts, linkToken }), texts);
    await transport({ id, to: mail.email, ...rendered }, AbortSignal.timeout(sendMilliseconds));
  } catch (error) {
    const refusal = readRefusal(error);
    const line = { mail_id: id, kind, tries, code: refusal.code, status: refusal.status };
    if (refusal.isFinal) {
      log.warn({ event: 'mail_refused', ...line }, 'the mail server refuses this mail permanently, so it is deleted');
      return deleteMail(db, id);
    }
    log.warn({ event: 'mail_not_sent', ...line }, 'the mail is sent again later, until one day after it was queued');
    return deferMail(db, id, Math.min(firstDelaySeconds * 2 ** (tries - 1), longestDelaySeconds));
  }
  await deleteMail(db, id);
  log.info({ event: 'mail_sent', mail_id: id, kind, tries });
}

interface Refusal {
  readonly code: string | undefined;
  /** The status that the mail server answered (RFC 5321 section 4.2). */
  readonly status: number | undefined;
  /** Whether the mail server will never accept this mail. A wrong password is not final: operators can correct it. */
  readonly isFinal: boolean;
}

function readRefusal(error: unknown): Refusal {
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  const status = typeof responseCode === 'number' ? responseCode : undefined;
  const isAboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  return {
    code: typeof code === 'string' ? code : undefined,
    status,
    isFinal: isAboutMail && status !== undefined && status >= 500,
  };
}
