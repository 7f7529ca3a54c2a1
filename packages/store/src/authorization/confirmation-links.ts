import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';
import { hashSecret } from '../hash-secret.js';
import { findAccount, lockAccount } from './accounts.js';
import { insertMail } from './insert-mail.js';

export interface ConfirmationLink {
  readonly accountId: string;
  /** In lower case. The e-mail address to which the link is sent. */
  readonly email: string;
  /** SECRET: only its hash is stored. */
  readonly token: string;
  readonly lifetimeSeconds: number;
}

/** Stores a link that confirms an e-mail address. The earlier links of the account end. */
export async function insertConfirmationLink(transaction: Database, link: ConfirmationLink): Promise<void> {
  const { accountId, email, token, lifetimeSeconds } = link;
  await lockAccount(transaction, accountId);
  await transaction.deleteFrom('address_links').where('account_id', '=', accountId).execute();
  await sql`
    insert into address_links (token_hash, account_id, email, expires_at)
    values (${hashSecret(token)}, ${accountId}, ${email}, now() + make_interval(secs => ${lifetimeSeconds}))`.execute(
    transaction,
  );
}

type LinkOfAccount = Pick<ConfirmationLink, 'accountId' | 'token'>;

/** @returns the e-mail address that the link confirms; undefined when the link does not work for this account */
export async function findConfirmationLink(
  db: Database,
  { accountId, token }: LinkOfAccount,
): Promise<string | undefined> {
  const { rows } = await sql<{ email: string }>`
    select email from address_links
    where token_hash = ${hashSecret(token)} and account_id = ${accountId} and expires_at > now()`.execute(db);
  return rows[0]?.email;
}

export type EmailConfirmation =
  | { readonly outcome: 'confirmed' | 'changed'; readonly email: string }
  /** `over`: the link does not work. `taken`: another account has the e-mail address. */
  | { readonly outcome: 'over' | 'taken' };

interface Confirmation extends LinkOfAccount {
  /** The language of the page. Later mails have this language. */
  readonly language: string;
}

/**
 * Uses a link up. The link's e-mail address is confirmed and becomes the account's address. If the address is new and
 * the old address was confirmed, a notice is sent to the old address. If another account has the address, nothing
 * changes, and the link still works.
 */
export async function confirmEmail(db: Database, confirmation: Confirmation): Promise<EmailConfirmation> {
  try {
    return await useLink(db, confirmation);
  } catch (error) {
    if (error instanceof EmailTaken) return { outcome: 'taken' };
    throw error;
  }
}

async function useLink(db: Database, confirmation: Confirmation): Promise<EmailConfirmation> {
  const { accountId, token, language } = confirmation;
  return db.transaction().execute(async (transaction) => {
    const { rows: accounts } = await sql<{ email: string; is_confirmed: boolean }>`
      select a.email, exists (
        select from account_mail m where m.account_id = a.id and m.confirmed_email = a.email
      ) as is_confirmed
      from accounts a where a.id = ${accountId} for no key update of a`.execute(transaction);
    const [before] = accounts;
    const { rows: links } = await sql<{ email: string }>`
      delete from address_links
      where token_hash = ${hashSecret(token)} and account_id = ${accountId} and expires_at > now()
      returning email`.execute(transaction);
    const email = links[0]?.email;
    if (before === undefined || email === undefined) return { outcome: 'over' };
    const isNew = email !== before.email;
    if (isNew) await replaceEmail(transaction, accountId, email);
    // password links that were sent to the old e-mail address must not work any more
    if (isNew) await transaction.deleteFrom('password_resets').where('account_id', '=', accountId).execute();
    await confirm(transaction, { accountId, email, language });
    if (isNew && before.is_confirmed)
      await insertMail(transaction, {
        accountId,
        email: before.email,
        kind: 'address_changed',
        language,
        detail: {},
      });
    await sql`insert into audit_events (event, account_id, detail)
      values (${isNew ? 'email_changed' : 'email_confirmed'}, ${accountId}, ${noteRequestSource(transaction)})`.execute(
      transaction,
    );
    return { outcome: isNew ? 'changed' : 'confirmed', email };
  });
}

interface EmailChange {
  readonly accountId: string;
  /** The new e-mail address, in lower case. */
  readonly email: string;
  /** The e-mail address that the owner saw when they changed it. */
  readonly shownEmail: string;
}

/**
 * Replaces the account's e-mail address at once, for servers that send no e-mails and so cannot have the address
 * confirmed.
 * @returns `taken` when another account has the address, `outdated` when the account no longer has the address that the
 * owner saw: then nothing changes
 */
export async function changeEmail(
  db: Database,
  { accountId, email, shownEmail }: EmailChange,
): Promise<'changed' | 'taken' | 'outdated'> {
  try {
    return await db.transaction().execute(async (transaction) => {
      await lockAccount(transaction, accountId);
      if ((await findAccount(transaction, accountId))?.email !== shownEmail) return 'outdated';
      await replaceEmail(transaction, accountId, email);
      await transaction.deleteFrom('address_links').where('account_id', '=', accountId).execute();
      await transaction.deleteFrom('password_resets').where('account_id', '=', accountId).execute();
      await sql`insert into audit_events (event, account_id, detail)
        values ('email_changed', ${accountId}, ${noteRequestSource(transaction)})`.execute(transaction);
      return 'changed';
    });
  } catch (error) {
    if (error instanceof EmailTaken) return 'taken';
    throw error;
  }
}

/** Thrown to roll back the transaction, so that the link stays. */
class EmailTaken extends Error {
  override readonly name = 'EmailTaken';
}

/** @throws EmailTaken when another account has the e-mail address */
async function replaceEmail(transaction: Database, accountId: string, email: string): Promise<void> {
  try {
    await transaction.updateTable('accounts').set({ email }).where('id', '=', accountId).execute();
  } catch (error) {
    if ((error as { readonly constraint?: unknown }).constraint === 'accounts_email') throw new EmailTaken();
    throw error;
  }
}

async function confirm(
  transaction: Database,
  { accountId, email, language }: { readonly accountId: string; readonly email: string; readonly language: string },
): Promise<void> {
  const confirmed = { confirmed_email: email, language };
  await transaction
    .insertInto('account_mail')
    .values({ account_id: accountId, ...confirmed })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(confirmed))
    .execute();
}
