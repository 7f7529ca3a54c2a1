import { ConfigurationError } from '@aipassport/contracts';
import type { Environment } from '../environment.js';
import type { MailSender, SmtpServer } from './mail-variables.js';

/** How e-mails are sent. `off`: no e-mails are sent, and no page mentions them. */
export type MailConfiguration =
  | { readonly kind: 'off' }
  /** SECRET: it contains the password of the mail server. */
  | { readonly kind: 'smtp'; readonly server: SmtpServer; readonly from: MailSender }
  /** Each e-mail is written as a file into this directory. */
  | { readonly kind: 'files'; readonly directory: string; readonly from: MailSender };

const localSender: MailSender = { name: 'AIPassport', email: 'no-reply@localhost' };

export function readMailConfiguration({
  SMTP_URL: server,
  MAIL_FROM: from,
  MAIL_OUTBOX: directory,
}: Pick<Environment, 'SMTP_URL' | 'MAIL_FROM' | 'MAIL_OUTBOX'>): MailConfiguration {
  if (server !== undefined && directory !== undefined)
    throw new ConfigurationError('configuration: give either SMTP_URL or MAIL_OUTBOX, not both');
  if (directory !== undefined) return { kind: 'files', directory, from: from ?? localSender };
  if (server === undefined) return { kind: 'off' };
  if (from === undefined) throw new ConfigurationError('configuration: MAIL_FROM must be given with SMTP_URL');
  return { kind: 'smtp', server, from };
}
