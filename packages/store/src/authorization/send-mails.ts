import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { type ClientIdentity, clientIdentity } from './client-identity.js';
import { type MailDetails, type MailKind, mailKinds } from './mail-kinds.js';

/** A mail that this server has taken and has to send. */
export type DueMail = { [Kind in MailKind]: MailOf<Kind> }[MailKind];

interface MailOf<Kind extends MailKind> {
  readonly id: string;
  /** Null: the account was deleted. */
  readonly accountId: string | null;
  readonly email: string;
  readonly kind: Kind;
  readonly language: string;
  readonly timeZone: string;
  /** When the cause of the mail happened. */
  readonly createdAt: Date;
  readonly detail: MailDetails[Kind];
  /** The client whose grant the mail is about; null for other mails. */
  readonly client: ClientIdentity | null;
  /** The number of tries, including this one. */
  readonly tries: number;
}

/**
 * Takes mails that are due. For the given time, no other server takes them. If this server ends meanwhile, another one
 * sends them later, so a mail may be sent twice. A mail is tried until it expires. Mails of a kind that this release
 * does not know are left to the servers of a later release.
 */
export async function claimMails(
  db: Database,
  { most, leaseSeconds }: { readonly most: number; readonly leaseSeconds: number },
): Promise<readonly DueMail[]> {
  const { rows } = await sql<DueMail>`
    with due as (
      select id, account_id, detail ->> 'timeZone' as time_zone, detail ->> 'grantId' as grant_id
      from mails where next_try_at <= now() and expires_at > now() and kind = any (${[...mailKinds]})
      order by next_try_at limit ${most} for update skip locked
    )
    update mails m set tries = m.tries + 1, next_try_at = now() + make_interval(secs => ${leaseSeconds})
    -- the mail about the deletion of an account has no account any more
    from due left join accounts a on a.id = due.account_id
    left join grants g on g.id = due.grant_id left join clients c on c.id = g.client_id where m.id = due.id
    returning m.id, m.account_id as "accountId", m.address as email, m.kind, m.language,
      coalesce(a.time_zone, due.time_zone, 'UTC') as "timeZone", m.created_at as "createdAt", m.detail, ${clientIdentity} as client,
      m.tries`.execute(db);
  return rows;
}

/** Deletes a mail that was sent, or that the recipient's server has refused permanently. */
export async function deleteMail(db: Database, id: string): Promise<void> {
  await db.deleteFrom('mails').where('id', '=', id).execute();
}

/** Lets any server try the mail again after this time. */
export async function deferMail(db: Database, id: string, seconds: number): Promise<void> {
  await sql`update mails set next_try_at = now() + make_interval(secs => ${seconds}) where id = ${id}`.execute(db);
}
