import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';
import { hashSecret } from '../hash-secret.js';
import { makeSecret } from '../make-secret.js';
import { noteToken } from './note-token.js';

/** An invitation, with which one person can make one account. */
export interface Invitation {
  readonly id: string;
  /** The place of the invitation in the list: see `InvitationQuery.after`. */
  readonly position: string;
  /** The inviter's e-mail address; undefined: the operator. */
  readonly createdBy: string | undefined;
  readonly note: string | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** By the database's clock. */
  readonly state: 'open' | 'used' | 'expired';
  readonly usedAt: Date | undefined;
  /** The e-mail address of the account that was made with the invitation. */
  readonly usedBy: string | undefined;
}

export interface NewInvitation {
  /** Default: a new random identifier. */
  readonly id?: string;
  /** An account that may invite; undefined: the operator, who may make any number. */
  readonly createdBy: string | undefined;
  /** The operator's account, when the invitation is made on an operator's page. */
  readonly by?: string;
  /** `command`: the operator's command made it. */
  readonly actor?: 'command';
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
  const { id = randomUUID(), createdBy, by = null, actor, note, expiresInSeconds } = invitation;
  const code = makeSecret();
  return db.transaction().execute(async (transaction) => {
    if (createdBy !== undefined && !(await hasRoom(transaction, createdBy))) return undefined;
    await sql`
      with inserted as (
        insert into invitations (id, code_hash, created_by, note, expires_at)
        values (${id}, ${hashSecret(code)}, ${createdBy ?? null}, ${note ?? null},
          now() + make_interval(secs => ${expiresInSeconds}))
        returning id, created_by, expires_at
      )
      insert into audit_events (event, account_id, detail)
      select 'invitation_created', coalesce(created_by, ${by}::text), ${formatDetail(actor)}::jsonb || jsonb_build_object('invitation', id, 'expires_at', expires_at) || ${noteRequestSource(transaction)} from inserted`.execute(
      transaction,
    );
    return code;
  });
}

/**
 * Whether an account may invite one more person. Locks the account's row, so that the second of two concurrent calls
 * counts the invitation of the first.
 */
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
 * Uses an invitation for an account that was inserted in the same transaction. This is one conditional update: at most
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
    select 'invitation_used', ${accountId}, jsonb_build_object('invitation', id) || ${noteRequestSource(transaction)} from used
    returning id`.execute(transaction);
  return rows.length > 0;
}

interface InvitationQuery {
  /** Only invitations that this account made; undefined: all invitations. */
  readonly createdBy?: string;
  /** The `position` of the last row of the previous page. Any other text lists from the beginning. */
  readonly after?: string;
  readonly limit?: number;
}

const positionPattern = /^(\d{1,16})\.([\da-f-]{36})$/;

/** Whether a text may be the `position` of an invitation. */
export function isInvitationPosition(text: string): boolean {
  return positionPattern.test(text);
}

/** Lists invitations, the newest first. */
export async function listInvitations(
  db: Database,
  { createdBy, after = '', limit = 500 }: InvitationQuery = {},
): Promise<readonly Invitation[]> {
  const mine = createdBy === undefined ? sql`true` : sql`i.created_by = ${createdBy}`;
  const [, microseconds, lastId] = positionPattern.exec(after) ?? [];
  const later =
    lastId === undefined
      ? sql`true`
      : sql`(i.created_at, i.id) < (timestamptz 'epoch' + ${microseconds}::bigint * interval '1 microsecond', ${lastId})`;
  const { rows } = await sql<InvitationRow>`
    select (extract(epoch from i.created_at) * 1000000)::bigint::text || '.' || i.id as position, i.id, i.note, i.created_at, i.expires_at, i.used_at, c.email as created_by, u.email as used_by,
      case when i.used_at is not null then 'used' when i.expires_at <= now() then 'expired' else 'open' end as state
    from invitations i left join accounts c on c.id = i.created_by left join accounts u on u.id = i.account_id
    where ${mine} and ${later} order by i.created_at desc, i.id desc limit ${limit}`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    position: row.position,
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
  readonly position: string;
  readonly id: string;
  readonly note: string | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly used_at: Date | null;
  readonly created_by: string | null;
  readonly used_by: string | null;
  readonly state: Invitation['state'];
}

interface Withdrawal {
  /** Only an invitation of this account; undefined: of any account. */
  readonly createdBy?: string;
  /** Who withdraws it for the operator: see `StandingChange`. Undefined when a command or the inviter does. */
  readonly by?: string;
  /** The id of the API token with which a program of the inviter asked. */
  readonly apiToken?: string;
}

/**
 * Withdraws an invitation that has not been used.
 * @returns false when the invitation is unknown, belongs to another account, or was used
 */
export async function deleteInvitation(
  db: Database,
  id: string,
  { createdBy, by, apiToken }: Withdrawal = {},
): Promise<boolean> {
  const mine = createdBy === undefined ? sql`` : sql`and created_by = ${createdBy}`;
  const { rows } = await sql`
    with deleted as (delete from invitations where id = ${id} and used_at is null ${mine} returning id, created_by)
    insert into audit_events (event, account_id, detail)
    select 'invitation_withdrawn', created_by, ${formatDetail(by)}::jsonb || jsonb_build_object('invitation', id) || ${noteToken(db, apiToken)} from deleted
    returning id`.execute(db);
  return rows.length > 0;
}

/**
 * Allows an account to invite others, or withdraws that right. While the account does not have the right, its unused
 * invitations do not work.
 * @returns false when there is no such account, or it has the right already, or has none to withdraw
 */
export async function setMayInvite(
  db: Database,
  accountId: string,
  { mayInvite, by }: { readonly mayInvite: boolean; readonly by?: string },
): Promise<boolean> {
  const { rows } = await sql`
    with account as (select id from accounts where id = ${accountId}),
    added as (
      insert into inviters (account_id) select id from account where ${mayInvite} on conflict do nothing
      returning account_id
    ),
    removed as (delete from inviters i using account a where i.account_id = a.id and not ${mayInvite} returning i.account_id)
    insert into audit_events (event, account_id, detail)
    select 'may_invite_changed', account_id, ${formatDetail(by)}::jsonb || jsonb_build_object('may_invite', ${mayInvite}::boolean) || ${noteRequestSource(db)}
    from (select account_id from added union all select account_id from removed) changed
    returning id`.execute(db);
  return rows.length > 0;
}

/** @param by who acts for the operator, if the event names them: see `StandingChange` */
function formatDetail(by: string | undefined): string {
  return JSON.stringify(by === undefined ? {} : { by });
}

/** The note of an unused invitation, or its identifier; undefined when there is no such invitation. */
export async function nameInvitation(db: Database, id: string): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`
    select coalesce(note, id) as name from invitations where id = ${id} and used_at is null`.execute(db);
  return rows[0]?.name;
}
