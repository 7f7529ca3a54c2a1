import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { lockEnabledAccount } from './accounts.js';
import { countAttempt } from './attempts.js';
import { classOfMail, type MailDetails, type MailKind, type NoticeKind } from './mail-kinds.js';

export interface NewMail<Kind extends MailKind = MailKind> {
  readonly accountId: string;
  readonly email: string;
  readonly kind: Kind;
  /** Used if the owner has chosen no language in the settings. */
  readonly language: string;
  readonly detail: MailDetails[Kind];
}

export type NewNotice<Kind extends NoticeKind = NoticeKind> = Pick<NewMail<Kind>, 'accountId' | 'kind' | 'detail'>;

/**
 * The most mails that an account may cause, and an e-mail address may receive, in a window of time. Each class has its
 * own count, so that many mails of one class do not prevent a security notice.
 */
const limits = {
  link: { limit: 5, windowSeconds: 3_600 },
  security: { limit: 50, windowSeconds: 24 * 3_600 },
  chosen: { limit: 50, windowSeconds: 24 * 3_600 },
} as const;

/**
 * Inserts a mail to any e-mail address. Call it in the transaction of the mail's cause. A server sends it soon. Mails
 * are deleted with their account, except the mail that reports the deletion.
 * @returns false when the account or the address has had too many mails, or when the mail has a link and the account is
 * disabled; then nothing is inserted
 */
export async function insertMail<Kind extends MailKind>(db: Database, mail: NewMail<Kind>): Promise<boolean> {
  const { accountId, email, kind, language, detail } = mail;
  const mailClass = classOfMail(kind);
  // A link that is made while its account is being disabled must not work later: see `disableAccount`.
  if (mailClass === 'link' && !(await lockEnabledAccount(db, accountId))) return false;
  for (const key of [`account:${accountId}`, `address:${email}`]) {
    const verdict = await countAttempt(db, { key: `mail:${mailClass}:${key}`, ...limits[mailClass] });
    if (!verdict.allowed) return false;
  }
  await sql`
    insert into mails (account_id, address, kind, language, detail)
    values (${kind === 'account_deleted' ? null : accountId}, ${email}, ${kind},
      coalesce((select language from account_settings where account_id = ${accountId}), ${language}),
      ${JSON.stringify(detail)}::jsonb)`.execute(db);
  return true;
}

/**
 * Inserts a mail that tells an owner what happened. Call it in the transaction of the mail's cause. Nothing is inserted
 * if the e-mail address of the account is not confirmed, if the account is disabled, if the owner switched off notices
 * of this kind, or if the account or the address has had too many mails.
 */
export async function insertNotice<Kind extends NoticeKind>(db: Database, notice: NewNotice<Kind>): Promise<void> {
  const { accountId, kind } = notice;
  const { rows } = await sql<{ email: string; language: string }>`
    select a.email, m.language from accounts a
    join account_mail m on m.account_id = a.id and m.confirmed_email = a.email
    where a.id = ${accountId} and a.disabled_at is null and not ${kind}::text = any (m.muted)`.execute(db);
  const [to] = rows;
  if (to !== undefined) await insertMail(db, { ...notice, email: to.email, language: to.language });
}
