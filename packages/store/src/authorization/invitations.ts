import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { hashSecret } from '../hash-secret.js';
import { makeSecret } from '../make-secret.js';

/** An invitation, with which one person can make one account. */
export interface Invitation {
  readonly id: string;
  /** The inviter's e-mail address; undefined: the operator. */
  readonly createdBy: string | undefined;
  readonly note: string | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** By the database's clock. */
  readonly state: 'open' | 'used' | 'expired';
  readonly usedAt: Date | undefined;
  /** The address of the account that was made with the invitation. */
  readonly usedBy: string | undefined;
}

export interface NewInvitation {
  /** An account that may invite; undefined: the operator, who may make any number. */
  readonly createdBy: string | undefined;
  readonly note: string | undefined;
  readonly expiresInSeconds: number;
}

/** The maximum number of an account's invitations: open ones, and those used in the last 30 days. */
export const maxInvitationsOfAccount = 20;

/**
 * Makes an invitation, and its audit row.
 * @returns SECRET: the code, of which only the hash is stored; undefined when the account may not invite, or has the
 * maximum number of invitations
 */
export async function insertInvitation(db: Database, invitation: NewInvitation): Promise<string | undefined> {
  const { createdBy, note, expiresInSeconds } = invitation;
  const code = makeSecret();
  return db.transaction().execute(async (transaction) => {
    if (createdBy !== undefined && !(await hasRoom(transaction, createdBy))) return undefined;
    await sql`
      with inserted as (
        insert into invitations (id, code_hash, created_by, note, expires_at)
        values (${randomUUID()}, ${hashSecret(code)}, ${createdBy ?? null}, ${note ?? null},
          now() + make_interval(secs => ${expiresInSeconds}))
        returning id, created_by, expires_at
      )
      insert into audit_events (event, account_id, detail)
      select 'invitation_created', created_by, jsonb_build_object('invitation', id, 'expires_at', expires_at) from inserted`.execute(
      transaction,
    );
    return code;
  });
}

/** Locks the account's row, so that the second of two concurrent calls counts the first. */
async function hasRoom(transaction: Database, accountId: string): Promise<boolean> {
  const inviter = await sql`
    select from accounts a join inviters i on i.account_id = a.id
    where a.id = ${accountId} and a.disabled_at is null for update of a`.execute(transaction);
  if (inviter.rows.length === 0) return false;
  const { rows } = await sql<{ count: bigint }>`
    select count(*) as count from invitations where created_by = ${accountId}
      and (used_at > now() - make_interval(days => 30) or (used_at is null and expires_at > now()))`.execute(
    transaction,
  );
  return Number(rows[0]?.count ?? 0) < maxInvitationsOfAccount;
}

/** Whether an invitation is valid now. Invitations of an account that may no longer invite are not valid. */
const isOpen = sql`used_at is null and expires_at > now() and (created_by is null
  or exists (select from accounts a join inviters i on i.account_id = a.id where a.id = created_by and a.disabled_at is null))`;

/** @param code SECRET */
export async function isInvitationOpen(db: Database, code: string): Promise<boolean> {
  const { rows } = await sql`select from invitations where code_hash = ${hashSecret(code)} and ${isOpen}`.execute(db);
  return rows.length > 0;
}

/**
 * Uses an invitation for an account that was inserted in the same transaction. This is one conditional update: exactly
 * one of several concurrent callers gets true. The others must not commit their accounts.
 * @param code SECRET
 */
export async function consumeInvitation(transaction: Database, code: string, accountId: string): Promise<boolean> {
  const { rows } = await sql`
    with used as (
      update invitations set used_at = now(), account_id = ${accountId}
      where code_hash = ${hashSecret(code)} and ${isOpen}
      returning id
    )
    insert into audit_events (event, account_id, detail)
    select 'invitation_used', ${accountId}, jsonb_build_object('invitation', id) from used
    returning id`.execute(transaction);
  return rows.length > 0;
}

/** Lists invitations, the newest first. @param createdBy only those of this account; undefined: all of them */
export async function listInvitations(db: Database, createdBy?: string): Promise<readonly Invitation[]> {
  const mine = createdBy === undefined ? sql`` : sql`where i.created_by = ${createdBy}`;
  const { rows } = await sql<InvitationRow>`
    select i.id, i.note, i.created_at, i.expires_at, i.used_at, c.email as created_by, u.email as used_by,
      case when i.used_at is not null then 'used' when i.expires_at <= now() then 'expired' else 'open' end as state
    from invitations i left join accounts c on c.id = i.created_by left join accounts u on u.id = i.account_id
    ${mine} order by i.created_at desc, i.id limit 500`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    createdBy: row.created_by ?? undefined,
    note: row.note ?? undefined,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    state: row.state,
    usedAt: row.used_at ?? undefined,
    usedBy: row.used_by ?? undefined,
  }));
}

interface InvitationRow {
  readonly id: string;
  readonly note: string | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly used_at: Date | null;
  readonly created_by: string | null;
  readonly used_by: string | null;
  readonly state: Invitation['state'];
}

/**
 * Withdraws an invitation that has not been used.
 * @param createdBy only an invitation of this account; undefined: of any account
 * @returns false when the invitation is unknown, belongs to another account, or was used
 */
export async function deleteInvitation(db: Database, id: string, createdBy?: string): Promise<boolean> {
  const mine = createdBy === undefined ? sql`` : sql`and created_by = ${createdBy}`;
  const { rows } = await sql`
    with deleted as (delete from invitations where id = ${id} and used_at is null ${mine} returning id, created_by)
    insert into audit_events (event, account_id, detail)
    select 'invitation_withdrawn', created_by, jsonb_build_object('invitation', id) from deleted
    returning id`.execute(db);
  return rows.length > 0;
}

/**
 * Allows an account to invite others, or withdraws that right. While the account does not have the right, its unused
 * invitations do not work.
 * @returns false when there is no such account
 */
export async function setMayInvite(db: Database, accountId: string, mayInvite: boolean): Promise<boolean> {
  const { rows } = await sql`
    with account as (select id from accounts where id = ${accountId}),
    added as (insert into inviters (account_id) select id from account where ${mayInvite} on conflict do nothing),
    removed as (delete from inviters i using account a where i.account_id = a.id and not ${mayInvite})
    insert into audit_events (event, account_id, detail)
    select 'may_invite_changed', id, jsonb_build_object('may_invite', ${mayInvite}::boolean) from account
    returning id`.execute(db);
  return rows.length > 0;
}
