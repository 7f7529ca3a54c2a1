import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { hashSecret } from '../hash-secret.js';
import { makeSecret } from '../make-secret.js';
import { deleteOperatorTokens } from './account-tokens.js';
import { lockAccount } from './accounts.js';
import { insertNotice } from './insert-mail.js';
import type { MailDetails } from './mail-kinds.js';
import { isOnlyOperator } from './only-operator.js';

export interface NewOperatorLink {
  /** Whether the link works only while no account is an operator. */
  readonly isForFirst: boolean;
  readonly expiresInSeconds: number;
}

/**
 * Makes a link with which one account becomes an operator.
 * @returns SECRET: the code, of which only the hash is stored; undefined when the link is for the first operator and
 * there is one already
 */
export async function insertOperatorLink(db: Database, link: NewOperatorLink): Promise<string | undefined> {
  const code = makeSecret();
  const { rows } = await sql`
    insert into operator_links (code_hash, for_first, expires_at)
    select ${hashSecret(code)}, ${link.isForFirst}::boolean, now() + make_interval(secs => ${link.expiresInSeconds})
    where not ${link.isForFirst}::boolean or not exists (select from operators)
    returning expires_at`.execute(db);
  return rows.length > 0 ? code : undefined;
}

const isOpen = sql`expires_at > now() and (not for_first or not exists (select from operators))`;

/** @param code SECRET */
export async function isOperatorLinkOpen(db: Database, code: string): Promise<boolean> {
  const { rows } = await sql`select from operator_links where code_hash = ${hashSecret(code)} and ${isOpen}`.execute(
    db,
  );
  return rows.length > 0;
}

/**
 * Makes an account an operator, if it is not one yet, and deletes the link. If several callers use the same link at the
 * same time, or different links for the first operator, exactly one of them gets true.
 * @param code SECRET
 * @returns false when the link does not work, or the account is disabled
 */
export async function consumeOperatorLink(db: Database, code: string, accountId: string): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    // a separate statement, so that the next statement sees the operator that a concurrent caller has added
    await sql`select pg_advisory_xact_lock(hashtext('aipassport operator links'))`.execute(transaction);
    const { rows } = await sql<{ is_new: boolean | null }>`
      with used as (
        delete from operator_links where code_hash = ${hashSecret(code)} and ${isOpen}
          and exists (select from accounts where id = ${accountId} and disabled_at is null)
        returning code_hash
      ), added as (
        insert into operators (account_id) select ${accountId}::text from used on conflict do nothing
        returning account_id
      ), audited as (
        insert into audit_events (event, account_id, detail)
        select 'operator_added', account_id, jsonb_build_object('by', 'link') || ${noteRequestSource(transaction)} from added
      )
      select (select true from added) as is_new from used`.execute(transaction);
    if (rows[0]?.is_new === true) await tellOwner(transaction, accountId, 'operator_added');
    return rows.length > 0;
  });
}

/**
 * Makes an account an operator, or takes this right away and deletes its API tokens that have the rights of an
 * operator. Only the operator's commands call this. No page does.
 * @returns false when nothing changed
 */
export async function setOperator(db: Database, accountId: string, isOperator: boolean): Promise<boolean> {
  return (await changeRole(db, { accountId, isOperator, keepsOperator: false })) === true;
}

/**
 * Takes the right of an operator away, but never that of the only operator who can sign in.
 * @returns `only_operator` when nothing was changed for that reason
 */
export async function removeReplaceableOperator(db: Database, accountId: string): Promise<boolean | 'only_operator'> {
  return changeRole(db, { accountId, isOperator: false, keepsOperator: true });
}

interface RoleChange {
  readonly accountId: string;
  readonly isOperator: boolean;
  readonly keepsOperator: boolean;
}

async function changeRole(
  db: Database,
  { accountId, isOperator, keepsOperator }: RoleChange,
): Promise<boolean | 'only_operator'> {
  return inTransaction(db, async (transaction) => {
    // Called also when the role is given. Otherwise the account could be deleted meanwhile like one without the role.
    const isOnly = await isOnlyOperator(transaction, accountId);
    if (isOnly && keepsOperator) return 'only_operator';
    // a concurrent `insertAccountToken` for this operator must not add a token afterwards
    await lockAccount(transaction, accountId);
    const event = isOperator ? 'operator_added' : 'operator_removed';
    const { rows } = await sql`
      with added as (
        insert into operators (account_id) select id from accounts where id = ${accountId} and ${isOperator}::boolean
        on conflict do nothing returning account_id
      ), removed as (
        delete from operators where account_id = ${accountId} and not ${isOperator}::boolean returning account_id
      )
      insert into audit_events (event, account_id, detail)
      select ${event}, account_id, jsonb_build_object('by', 'command') || ${noteRequestSource(transaction)}
      from (select account_id from added union all select account_id from removed) changed
      returning id`.execute(transaction);
    if (!isOperator) await deleteOperatorTokens(transaction, accountId);
    if (rows.length > 0) await tellOwner(transaction, accountId, event);
    return rows.length > 0;
  });
}

async function tellOwner(
  transaction: Database,
  accountId: string,
  event: MailDetails['operator_changed']['event'],
): Promise<void> {
  await insertNotice(transaction, { accountId, kind: 'operator_changed', detail: { event } });
}

/** The e-mail addresses of the operators whose accounts are not disabled. */
export async function listOperators(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ email: string }>`
    select a.email from operators o join accounts a on a.id = o.account_id where a.disabled_at is null
    order by a.email`.execute(db);
  return rows.map(({ email }) => email);
}
